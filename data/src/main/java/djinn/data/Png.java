package djinn.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/** PNG files. */
final class Png extends ImageFormat {

    private static final int MAX_TEXT = 1 << 20;

    private final List<Chunk> notes = new ArrayList<>();

    /** A chunk that may hold notes on the image: what it holds is from start to end. */
    private record Chunk(String type, int start, int end) {}

    Png(byte[] bytes, String file) {
        super(bytes, file);
    }

    /** Walks the chunks, as Java's decoder looks at neither the checksums nor the last chunk. */
    @Override
    void check() {
        ByteBuffer png = ByteBuffer.wrap(bytes(), 8, bytes().length - 8);
        CRC32 crc = new CRC32();
        while (true) {
            if (png.remaining() < 12) {
                throw cut("PNG", "IEND chunk");
            }
            int length = png.getInt();
            if (length < 0 || length > png.remaining() - 8) {
                throw cut("PNG", "IEND chunk");
            }
            int start = png.position();
            String type = new String(bytes(), start, 4, ISO_8859_1);
            crc.reset();
            crc.update(bytes(), start, 4 + length);
            png.position(start + 4 + length);
            if (png.getInt() != (int) crc.getValue()) {
                throw damaged("wrong checksum of the PNG chunk at byte " + (start - 4), null);
            }
            switch (type) {
                case "IEND" -> {
                    return;
                }
                case "eXIf", "tEXt", "zTXt", "iTXt" -> notes.add(new Chunk(type, start + 4, start + 4 + length));
                default -> {}
            }
        }
    }

    /** Exif data in their own chunk, or else written out in a text, as older programs do; or else XMP. */
    @Override
    Orientation orientation() {
        for (Chunk chunk : notes) {
            if (chunk.type.equals("eXIf")) {
                Optional<Orientation> said = Orientation.ofExif(bytes(), chunk.start, chunk.end);
                if (said.isPresent()) {
                    return said.get();
                }
            }
        }
        for (String key : new String[] {"Raw profile type exif", "Raw profile type APP1", "XML:com.adobe.xmp"}) {
            for (Chunk chunk : notes) {
                Optional<Orientation> said = text(chunk, key).flatMap(Png::ofText);
                if (said.isPresent()) {
                    return said.get();
                }
            }
        }
        return Orientation.AS_SEEN;
    }

    private static Optional<Orientation> ofText(String text) {
        String[] lines = text.split("\n", 4);
        String digits = lines.length < 4 ? "" : lines[3].replace("\n", "").strip();
        if (digits.length() % 2 == 0 && digits.matches("[0-9A-Fa-f]+")) {
            byte[] exif = HexFormat.of().parseHex(digits);
            return Orientation.ofExif(exif, 0, exif.length);
        }
        byte[] xmp = text.getBytes(ISO_8859_1);
        return Orientation.ofXmp(xmp, 0, xmp.length);
    }

    /** The text of a chunk under a key, inflated if need be. */
    private Optional<String> text(Chunk chunk, String key) {
        if (chunk.type.equals("eXIf") || chunk.end - chunk.start > MAX_TEXT) {
            return Optional.empty();
        }
        String all = new String(bytes(), chunk.start, chunk.end - chunk.start, ISO_8859_1);
        if (!all.startsWith(key + "\0")) {
            return Optional.empty();
        }
        int at = key.length() + 1;
        boolean deflated = chunk.type.equals("zTXt");
        if (chunk.type.equals("iTXt")) {
            deflated = all.startsWith("\1", at);
            // a flag and a method, then the language and the translated key, each up to a zero
            at = all.indexOf('\0', all.indexOf('\0', at + 2) + 1) + 1;
        } else if (deflated) {
            at++;
        }
        if (at <= 0 || at > all.length()) {
            return Optional.empty();
        }
        return deflated ? inflated(all.substring(at)) : Optional.of(all.substring(at));
    }

    private static Optional<String> inflated(String data) {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(data.getBytes(ISO_8859_1)))) {
            return Optional.of(new String(in.readNBytes(MAX_TEXT), ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty(); // damaged notes on an image leave the image as it is
        }
    }

    @Override
    Pixels stored(int channels) {
        return Decoder.of("png").read(contents(), file(), channels);
    }
}
