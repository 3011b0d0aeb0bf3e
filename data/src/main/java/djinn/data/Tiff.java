package djinn.data;

import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** TIFF files, of which the first picture counts. */
final class Tiff extends ImageFormat {

    private static final int BITS = 258;
    private static final int STRIPS = 273;
    private static final int STRIP_LENGTHS = 279;
    private static final int TILES = 324;
    private static final int TILE_LENGTHS = 325;
    private static final int COMPRESSION = 259;
    private static final int SAMPLE_FORMAT = 339;

    /** None, CCITT, LZW, JPEG, Deflate, PackBits and a few of their kin. */
    private static final Set<Long> READ = Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 32771L, 32773L, 32946L);

    private final TiffDirectory directory;

    Tiff(byte[] bytes, String file) {
        super(bytes, file);
        directory = new TiffDirectory(ByteBuffer.wrap(bytes));
    }

    /** Java's decoders fill up what is missing; and of numbers beyond 16 bits nobody can say which are black and white. */
    @Override
    void check() {
        long compression = directory.values(COMPRESSION).orElse(new long[] {1})[0];
        if (!READ.contains(compression)) {
            throw new DataException(file() + ": its TIFF compression, number " + compression + ", is not read; expected"
                    + " LZW, Deflate, PackBits, JPEG, CCITT or none; save it anew");
        }
        requireInside(STRIPS, STRIP_LENGTHS);
        requireInside(TILES, TILE_LENGTHS);
        long most = Arrays.stream(directory.values(BITS).orElse(new long[] {1}))
                .max()
                .orElse(1);
        boolean unsigned = Arrays.stream(directory.values(SAMPLE_FORMAT).orElse(new long[] {1}))
                .allMatch(format -> format == 1 || format == 4);
        if (most > 16 || !unsigned) {
            throw new DataException(file() + ": expected whole numbers of 8 or 16 bits as the values of an image, got "
                    + most + (unsigned ? " bits" : " bits with a sign or a fraction")
                    + "; convert it to 8 or 16 bits, so that 0 is black and the largest is white");
        }
    }

    private void requireInside(int starts, int lengths) {
        Optional<long[]> from = directory.values(starts);
        Optional<long[]> count = directory.values(lengths);
        if (from.isPresent() && count.isPresent()) {
            for (int i = 0; i < Math.min(from.get().length, count.get().length); i++) {
                if (from.get()[i] + count.get()[i] > bytes().length) {
                    throw cut("TIFF", "end of its pixels");
                }
            }
        }
    }

    @Override
    Orientation orientation() {
        return Orientation.ofDirectory(directory).orElse(Orientation.AS_SEEN);
    }

    @Override
    Pixels stored(int channels) {
        return Decoder.of("tiff").read(contents(), file(), channels);
    }
}
