package djinn.data;

import djinn.ops.Randomness;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
    private static final double LEAST_SEEN = 0.25;

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

    /**
     * Paints an image whose objects are told apart: a disc is of class 0, a square of class 1; there is no background.
     *
     * @param index which
     * @return of each shape the pixels that no later one covers and the box around them; shapes that are all but covered
     *     are left out
     */
    public Scene scene(int index) {
        List<ImageObject> objects = new ArrayList<>();
        List<Painted> painted = new ArrayList<>();
        MaskedImage image = paint(index, painted);
        for (int i = 0; i < painted.size(); i++) {
            Painted shape = painted.get(i);
            BitSet seen = (BitSet) shape.pixels.clone();
            painted.subList(i + 1, painted.size()).forEach(later -> seen.andNot(later.pixels));
            if (seen.cardinality() >= LEAST_SEEN * shape.pixels.cardinality() && !seen.isEmpty()) {
                RunLengthMask mask = RunLengthMask.of(EDGE, EDGE, toArray(seen));
                objects.add(new ImageObject(shape.label, mask.box(), Optional.of(mask), false));
            }
        }
        return new Scene(
                image.image(),
                new ImageObjects(EDGE, EDGE, objects, LEAST_SEEN),
                new SceneOrigin(index, name(index), Geometry.none(EDGE, EDGE), objects));
    }

    private static boolean[] toArray(BitSet pixels) {
        boolean[] array = new boolean[EDGE * EDGE];
        pixels.stream().forEach(at -> array[at] = true);
        return array;
    }

    /** What a shape covers, row by row. */
    private record Painted(int label, BitSet pixels) {}

    @Override
    public String name(int index) {
        return "painting " + index + " of seed " + seed;
    }

    private MaskedImage paint(int index) {
        return paint(index, new ArrayList<>());
    }

    private MaskedImage paint(int index, List<Painted> painted) {
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
            BitSet pixels = new BitSet(EDGE * EDGE);
            painted.add(new Painted(disc ? 0 : 1, pixels));
            for (int y = 0; y < EDGE; y++) {
                for (int x = 0; x < EDGE; x++) {
                    double right = x + 0.5 - centreX;
                    double below = y + 0.5 - centreY;
                    boolean covered = disc
                            ? right * right + below * below < radius * radius
                            : Math.max(Math.abs(right), Math.abs(below)) < radius;
                    if (covered) {
                        pixels.set(y * EDGE + x);
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
