package djinn.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** WebP files; of an animation the first picture counts, on the file's canvas, which is black where it leaves it free. */
final class WebP extends ImageFormat {

    private static final int PROFILE = 0x20;
    private static final int EXIF = 0x08;
    private static final int XMP = 0x04;
    private static final int ANIMATION = 0x02;

    private final ByteBuffer little;
    private final List<Chunk> chunks = new ArrayList<>();

    /** What a chunk holds is from start to end. */
    private record Chunk(String type, int start, int end) {}

    WebP(byte[] bytes, String file) {
        super(bytes, file);
        little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    void check() {
        long end = 8 + (little.getInt(4) & 0xFFFF_FFFFL);
        if (end > bytes().length) {
            throw cut("WebP", "end that its header tells");
        }
        walk(12, end);
        boolean extended = !chunks.isEmpty() && chunks.get(0).type.equals("VP8X");
        if (chunks.isEmpty() || (extended && chunks.get(0).end - chunks.get(0).start < 10)) {
            throw damaged("no chunk of an image", null);
        }
    }

    /** Lists the chunks, and those within the frames of an animation. */
    private void walk(long from, long end) {
        long at = from;
        while (at + 8 <= end) {
            int start = (int) at + 8;
            long length = little.getInt(start - 4) & 0xFFFF_FFFFL;
            if (start + length > end) {
                throw damaged("the chunk at byte " + at + " is longer than what holds it", null);
            }
            Chunk chunk = new Chunk(new String(bytes(), (int) at, 4, ISO_8859_1), start, (int) (start + length));
            chunks.add(chunk);
            if (chunk.type.equals("ANMF")) {
                walk(start + 16, chunk.end);
            }
            at = start + length + (length & 1);
        }
    }

    private int flags() {
        Chunk first = chunks.get(0);
        return first.type.equals("VP8X") ? bytes()[first.start] : 0;
    }

    private Optional<Chunk> chunk(String type) {
        return chunks.stream().filter(chunk -> chunk.type.equals(type)).findFirst();
    }

    @Override
    Orientation orientation() {
        Optional<Orientation> exif = (flags() & EXIF) == 0
                ? Optional.empty()
                : chunk("EXIF").flatMap(chunk -> Orientation.ofExif(bytes(), chunk.start, chunk.end));
        return exif.or(() -> (flags() & XMP) == 0
                        ? Optional.empty()
                        : chunk("XMP ").flatMap(chunk -> Orientation.ofXmp(bytes(), chunk.start, chunk.end)))
                .orElse(Orientation.AS_SEEN);
    }

    @Override
    Pixels stored(int channels) {
        Chunk image = chunks.stream()
                .filter(chunk -> chunk.type.equals("VP8 ") || chunk.type.equals("VP8L"))
                .findFirst()
                .orElseThrow(() -> damaged("no chunk of an image", null));
        Pixels picture = image.type.equals("VP8 ")
                ? lossy(image).withChannels(channels)
                : Decoder.of("webp").read(lossless(), file(), channels);
        Optional<Chunk> frame = (flags() & ANIMATION) == 0 ? Optional.empty() : chunk("ANMF");
        if (frame.isEmpty()) {
            return picture;
        }
        int start = chunks.get(0).start;
        int width = 1 + three(start + 4);
        int height = 1 + three(start + 7);
        Decoder.requireSize(height, width, file());
        int left = 2 * three(frame.get().start);
        int top = 2 * three(frame.get().start + 3);
        if (left + picture.width() > width || top + picture.height() > height) {
            throw damaged("a frame reaches over the canvas", null);
        }
        return picture.on(Pixels.filled(height, width, 0).withChannels(channels), top, left);
    }

    private Pixels lossy(Chunk chunk) {
        try {
            return Vp8.decode(bytes(), chunk.start, chunk.end);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    /** The file, without the flag of a colour profile: the decoder would convert the values. */
    private InputStream lossless() {
        if ((flags() & PROFILE) == 0) {
            return contents();
        }
        byte[] raw = bytes().clone();
        raw[chunks.get(0).start] &= ~PROFILE;
        return new ByteArrayInputStream(raw);
    }

    private int three(int at) {
        return (bytes()[at] & 0xFF) | (bytes()[at + 1] & 0xFF) << 8 | (bytes()[at + 2] & 0xFF) << 16;
    }
}
