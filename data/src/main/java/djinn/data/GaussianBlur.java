package djinn.data;

import djinn.ops.Default;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Blurs the image by a Gaussian whose width is drawn uniformly, as torchvision's {@code GaussianBlur}.
 *
 * <p>The weights {@code exp(-x^2 / (2 sigma^2))} at whole distances x of up to half the kernel are divided by their
 * sum; beyond an edge the image is mirrored about its outermost pixel.
 *
 * @param kernelSize rows and columns that take part, odd
 * @param sigma least and greatest standard deviation in pixels, above 0
 */
public record GaussianBlur(
        int kernelSize, @Default("[0.1, 2]") List<Double> sigma) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the size is even or less than 1, or the range out of order or not above 0
     */
    public GaussianBlur {
        if (kernelSize < 1 || kernelSize % 2 == 0) {
            throw new IllegalArgumentException("expected kernel_size as an odd number above 0, got " + kernelSize);
        }
        sigma = List.copyOf(sigma);
        if (sigma.size() != 2 || !(sigma.get(0) > 0 && sigma.get(0) <= sigma.get(1) && Double.isFinite(sigma.get(1)))) {
            throw new IllegalArgumentException("expected sigma as [least, greatest], both above 0, got " + sigma);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        double drawn = sigma.get(0) + random.nextDouble() * (sigma.get(1) - sigma.get(0));
        return Augmented.inPlace(blur(image, kernelSize, drawn));
    }

    static Pixels blur(Pixels image, int kernelSize, double sigma) {
        float[] weights = weights(kernelSize, sigma);
        int height = image.height();
        int width = image.width();
        int channels = image.channels();
        int row = width * channels;
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        int[] columns = mirrored(width, kernelSize);
        int[] rows = mirrored(height, kernelSize);
        float[] along = new float[from.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int k = 0; k < kernelSize; k++) {
                    int source = y * row + columns[x + k] * channels;
                    for (int c = 0; c < channels; c++) {
                        along[y * row + x * channels + c] += weights[k] * (from[source + c] & 0xFF);
                    }
                }
            }
        }
        float[] sums = new float[row];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < kernelSize; k++) {
                int source = rows[y + k] * row;
                for (int i = 0; i < row; i++) {
                    sums[i] += weights[k] * along[source + i];
                }
            }
            for (int i = 0; i < row; i++) {
                to[y * row + i] = (byte) Math.min(255, Math.round(sums[i]));
            }
        }
        return new Pixels(height, width, channels, to);
    }

    private static float[] weights(int size, double sigma) {
        double[] exact = new double[size];
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double distance = (k - size / 2) / sigma;
            exact[k] = Math.exp(-distance * distance / 2);
            sum += exact[k];
        }
        float[] weights = new float[size];
        for (int k = 0; k < size; k++) {
            weights[k] = (float) (exact[k] / sum);
        }
        return weights;
    }

    /** Returns the places a kernel meets as it moves over an axis, back and forth where it is longer than the axis. */
    private static int[] mirrored(int extent, int kernelSize) {
        int period = Math.max(1, 2 * (extent - 1));
        int[] places = new int[extent + kernelSize - 1];
        for (int i = 0; i < places.length; i++) {
            int place = Math.floorMod(i - kernelSize / 2, period);
            places[i] = Math.min(place, period - place);
        }
        return places;
    }
}
