package djinn.data;

import djinn.ops.Randomness;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Painted discs (class 1) and squares (class 2) of random colours, sizes and places on a noisy ground (class 0): a
 * data set for trying out, of which every image follows from the seed and its index.
 */
public final class Shapes implements MaskedImages {

    /** The names of the classes. */
    public static final List<String> CLASSES = List.of("background", "disc", "square");

    private static final int EDGE = 64;
    private static final int TRAIN = 160;
    private static final int HELD_OUT = 32;
    private static final int NOISE = 40;
    private static final int MOST_SHAPES = 4;

    private final long seed;
    private final int size;

    /**
     * Images that follow from a seed.
     *
     * @param seed decides all of them
     * @param size how many
     */
    public Shapes(long seed, int size) {
        this.seed = seed;
        this.size = size;
    }

    /** Returns 160 images to learn from, 32 held out and 32 to test with, of 64x64. */
    public static MaskSplits splits(long seed) {
        return new MaskSplits(
                "painted shapes",
                CLASSES,
                new Shapes(Randomness.mix(seed, 0), TRAIN),
                new Shapes(Randomness.mix(seed, 1), HELD_OUT),
                Optional.of(new Shapes(Randomness.mix(seed, 2), HELD_OUT)),
                List.of());
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Pixels image(int index, int channels) {
        return paint(index).image().withChannels(channels);
    }

    @Override
    public LabelMap mask(int index) {
        return paint(index).labels();
    }

    @Override
    public String name(int index) {
        return "painting " + index + " of seed " + seed;
    }

    private MaskedImage paint(int index) {
        SplittableRandom random = new SplittableRandom(Randomness.mix(seed, index));
        byte[] colours = new byte[EDGE * EDGE * 3];
        byte[] labels = new byte[EDGE * EDGE];
        int ground = 40 + random.nextInt(80);
        int shapes = 1 + random.nextInt(MOST_SHAPES);
        int[] canvas = new int[EDGE * EDGE * 3];
        Arrays.fill(canvas, ground);
        for (int i = 0; i < shapes; i++) {
            boolean disc = random.nextBoolean();
            double radius = 5 + random.nextDouble() * 8;
            double centreX = random.nextDouble() * EDGE;
            double centreY = random.nextDouble() * EDGE;
            int[] colour = {130 + random.nextInt(100), 130 + random.nextInt(100), 130 + random.nextInt(100)};
            for (int y = 0; y < EDGE; y++) {
                for (int x = 0; x < EDGE; x++) {
                    double right = x + 0.5 - centreX;
                    double below = y + 0.5 - centreY;
                    boolean covered = disc
                            ? right * right + below * below < radius * radius
                            : Math.max(Math.abs(right), Math.abs(below)) < radius;
                    if (covered) {
                        labels[y * EDGE + x] = (byte) (disc ? 1 : 2);
                        System.arraycopy(colour, 0, canvas, (y * EDGE + x) * 3, 3);
                    }
                }
            }
        }
        for (int i = 0; i < colours.length; i++) {
            int noisy = canvas[i] + random.nextInt(NOISE) - NOISE / 2;
            colours[i] = (byte) Math.max(0, Math.min(255, noisy));
        }
        return new MaskedImage(new Pixels(EDGE, EDGE, 3, colours), new LabelMap(EDGE, EDGE, labels));
    }
}
