package djinn.export.torchscript;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A zip of entries that are stored as they are, each at a multiple of 64 bytes: a reader can map them into memory.
 *
 * <p>The same entries give the same bytes.
 */
final class StoredZip {

    private static final int ALIGNMENT = 64;
    /** A local header without name and extra field. */
    private static final int HEADER = 30;
    /** Tag and length of an extra field. */
    private static final int EXTRA = 4;
    /** The tag PyTorch pads with. */
    private static final short PADDING = 'F' | ('B' << 8);

    private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);
    private static final int PIECE = 1 << 20;

    private final FileChannel channel;
    private final OutputStream buffer;
    private final ZipOutputStream zip;

    /**
     * Begins an empty zip.
     *
     * @param channel an empty file; the caller closes it
     */
    StoredZip(FileChannel channel) {
        this.channel = channel;
        buffer = new BufferedOutputStream(Channels.newOutputStream(channel));
        zip = new ZipOutputStream(buffer);
        zip.setMethod(ZipOutputStream.STORED);
    }

    /** Adds an entry. */
    void store(String name, ByteBuffer content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content.duplicate());
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        entry.setSize(content.remaining());
        entry.setCrc(crc.getValue());
        entry.setExtra(padding(name));
        zip.putNextEntry(entry);
        byte[] piece = new byte[Math.min(PIECE, content.remaining())];
        while (content.hasRemaining()) {
            int length = Math.min(piece.length, content.remaining());
            content.get(piece, 0, length);
            zip.write(piece, 0, length);
        }
        zip.closeEntry();
    }

    /** Adds an entry. */
    void store(String name, byte[] content) throws IOException {
        store(name, ByteBuffer.wrap(content));
    }

    /** An extra field that ends where the alignment wants it. */
    private byte[] padding(String name) throws IOException {
        buffer.flush();
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        long unpadded = channel.position() + HEADER + length + EXTRA;
        int missing = (int) Math.floorMod(-unpadded, (long) ALIGNMENT);
        return ByteBuffer.allocate(EXTRA + missing)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(PADDING)
                .putShort((short) missing)
                .array();
    }

    /** Writes the directory: the zip is complete. */
    void finish() throws IOException {
        zip.finish();
        buffer.flush();
    }
}
