package example.regression;

import djinn.data.Pixels;
import djinn.data.Source;
import djinn.ops.Randomness;
import java.util.SplittableRandom;

/**
 * Grey images of a bright bar under noise, painted when they are asked for. The bar's angle goes from 0 degrees, level, to
 * 90, upright; the bar rises to the right. Its place, length, thickness and light are drawn as well.
 *
 * @param seed decides all
 * @param first the number of the first image: others are other images
 * @param size how many there are
 */
record BarImages(long seed, int first, int size) implements Source<AngledImage> {

    /** Height and width. */
    static final int EDGE = 32;

    /** Images in a stretch of the seed at most. */
    static final int MOST = 1_000_000;

    static final AngleScale SCALE = new AngleScale(0, 90);

    /** The images to learn from. */
    static BarImages training(RegressionRecipe.Data data) {
        return new BarImages(data.seed(), 0, data.images());
    }

    /** Images that none of those to learn from is one of. */
    static BarImages heldOut(RegressionRecipe.Data data) {
        return new BarImages(data.seed(), MOST, data.heldOut());
    }

    private SplittableRandom random(int index) {
        return new SplittableRandom(Randomness.mix(seed, (long) first + index));
    }

    @Override
    public AngledImage example(int index) {
        SplittableRandom random = random(index);
        double degrees = SCALE.least() + (SCALE.most() - SCALE.least()) * random.nextDouble();
        double angle = Math.toRadians(degrees);
        double right = StrictMath.cos(angle);
        double up = StrictMath.sin(angle);
        double middleX = between(random, 12, 20);
        double middleY = between(random, 12, 20);
        double halfLength = between(random, 7, 12);
        double halfThickness = between(random, 0.8, 2);
        double dark = between(random, 0, 80);
        double light = between(random, 130, 230);
        byte[] values = new byte[EDGE * EDGE];
        for (int y = 0; y < EDGE; y++) {
            for (int x = 0; x < EDGE; x++) {
                double dx = x - middleX;
                double dy = middleY - y;
                double along = Math.abs(dx * right + dy * up);
                double across = Math.abs(dy * right - dx * up);
                double share = covered(halfLength - along) * covered(halfThickness - across);
                double value = dark + (light - dark) * share + between(random, -25, 25);
                values[y * EDGE + x] = (byte) Math.round(Math.max(0, Math.min(255, value)));
            }
        }
        return new AngledImage(new Pixels(EDGE, EDGE, 1, values), degrees);
    }

    /** How much of a pixel lies within, by how far its middle does. */
    private static double covered(double within) {
        return Math.max(0, Math.min(1, within + 0.5));
    }

    private static double between(SplittableRandom random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }

    @Override
    public String name(int index) {
        return "bar " + (first + index) + " of seed " + seed;
    }
}
