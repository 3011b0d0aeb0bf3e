package djinn.data;

import djinn.ops.Default;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Moves the image by whole pixels, each way up to a share of its extent, all distances equally likely.
 *
 * @param fraction greatest shift along an axis as a share of the extent, 0 to 1, rounded to pixels
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record RandomShift(double fraction, @Default("0") int fill) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the fraction is not from 0 to 1, or the fill not from 0 to 255
     */
    public RandomShift {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("expected fraction from 0 to 1, got " + fraction);
        }
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        int x = draw(image.width(), random);
        int y = draw(image.height(), random);
        return Augmented.moved(shift(image, x, y, fill), Geometry.shifted(image.height(), image.width(), x, y));
    }

    private int draw(int extent, RandomGenerator random) {
        int most = (int) Math.round(fraction * extent);
        return random.nextInt(2 * most + 1) - most;
    }

    /** Moves the image to the right by x and down by y pixels. */
    static Pixels shift(Pixels image, int x, int y, int fill) {
        if (x == 0 && y == 0) {
            return image;
        }
        int channels = image.channels();
        int row = image.width() * channels;
        byte[] to = new byte[image.values().length];
        Arrays.fill(to, (byte) fill);
        int length = row - Math.abs(x) * channels;
        for (int i = Math.max(0, y); i < Math.min(image.height(), image.height() + y) && length > 0; i++) {
            int from = (i - y) * row + Math.max(0, -x) * channels;
            System.arraycopy(image.values(), from, to, i * row + Math.max(0, x) * channels, length);
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }
}
