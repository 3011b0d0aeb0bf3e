package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes in the format of MNIST's files: two zero bytes, the type 8, the number of axes, an extent
 * an axis (big endian, 32 bits), the values in row-major order. It may be packed by gzip, which is told from its
 * contents.
 *
 * @param extents one per axis, each at least 1
 * @param values as many as the product of the extents
 */
record IdxFile(List<Integer> extents, ByteBuffer values) {

    private static final int UNSIGNED_BYTES = 8;

    /** Copies the list. */
    IdxFile {
        extents = List.copyOf(extents);
    }

    /**
     * Reads a file.
     *
     * @param file the file
     * @param axes how many there are to be
     * @param what what it is to hold, for messages
     * @throws DataException if it is missing, no such file, cut off, damaged, or longer than its extents say
     */
    static IdxFile read(Path file, int axes, String what) {
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + ": expected an IDX file of " + what + ", found "
                    + (Files.exists(file) ? "no regular file" : "nothing there") + "; check the path");
        }
        try (InputStream in = open(file)) {
            return read(in, file, axes, what);
        } catch (EOFException e) {
            throw new DataException(file + ": is cut off within its gzip data; copy it again", e);
        } catch (ZipException e) {
            throw new DataException(file + ": is damaged (" + AtomicFile.reason(e) + "); copy it again", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            in.mark(2);
            boolean packed = in.read() == 0x1F && in.read() == 0x8B;
            in.reset();
            return packed ? new BufferedInputStream(new GZIPInputStream(in)) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static IdxFile read(InputStream in, Path file, int axes, String what) throws IOException {
        ByteBuffer magic = ByteBuffer.wrap(in.readNBytes(4));
        int expected = UNSIGNED_BYTES << 8 | axes;
        if (magic.remaining() < 4 || magic.getInt(0) != expected) {
            throw new DataException(file + ": is no IDX file of " + what + ": expected it to begin with "
                    + String.format("%08x", expected) + ", found " + hex(magic.array())
                    + (magic.remaining() == 4 && magic.getShort(0) == 0
                            ? " (type " + magic.get(2) + ", " + magic.get(3) + " axes)"
                            : "")
                    + "; check that images and labels are not swapped");
        }
        ByteBuffer header = ByteBuffer.wrap(in.readNBytes(4 * axes));
        if (header.remaining() < 4 * axes) {
            throw new DataException(file + ": is cut off within its header; copy it again");
        }
        List<Integer> extents = new ArrayList<>();
        long size = 1;
        for (int i = 0; i < axes; i++) {
            long extent = Integer.toUnsignedLong(header.getInt());
            // three extents of 32 bits could overflow a long
            size = extent > Integer.MAX_VALUE || size > Integer.MAX_VALUE ? Long.MAX_VALUE : size * extent;
            extents.add((int) Math.min(Integer.MAX_VALUE, extent));
        }
        if (size < 1 || size > Integer.MAX_VALUE - 8) {
            throw new DataException(file + ": expected extents of at least 1 and at most 2 GiB of " + what + ", got "
                    + text(extents) + "; the file is empty or damaged");
        }
        byte[] values = in.readNBytes((int) size);
        if (values.length < size) {
            throw new DataException(file + ": is cut off: expected " + size + " bytes for " + text(extents)
                    + " as its header says, found " + values.length + "; copy it again");
        }
        if (in.read() >= 0) {
            throw new DataException(file + ": is longer than the " + size + " bytes for " + text(extents)
                    + " that its header says; it is damaged or not what it seems");
        }
        return new IdxFile(extents, ByteBuffer.wrap(values));
    }

    private static String text(List<Integer> extents) {
        return extents.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte value : bytes) {
            text.append(String.format("%02x", value));
        }
        return bytes.length == 0 ? "nothing" : text.toString();
    }
}
