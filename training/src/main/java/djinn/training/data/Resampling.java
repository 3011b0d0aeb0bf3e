package djinn.training.data;

import java.util.Arrays;

/**
 * Resizing of 8-bit images as Pillow's {@code BILINEAR}: a triangle filter that widens when shrinking, so that nothing
 * aliases, one axis after the other with the values rounded to 8 bits in between, in the same fixed point.
 */
public final class Resampling {

    /** Fraction bits of a weight: an int less 8 bits of value and 2 of head room. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private Resampling() {}

    /**
     * Resizes an image; returns it itself where it has the size already.
     *
     * @throws IllegalArgumentException if the height or the width is less than 1
     */
    public static Pixels resize(Pixels image, int height, int width) {
        return resizeCrop(image, 0, 0, image.height(), image.width(), height, width);
    }

    /**
     * Cuts out a box and resizes it, as torchvision's {@code resized_crop}: pixels outside the box do not take part.
     *
     * @param image any image
     * @param top first row of the box
     * @param left first column of the box
     * @param boxHeight rows of the box
     * @param boxWidth columns of the box
     * @param height rows of the result
     * @param width columns of the result
     * @throws IllegalArgumentException if the box is empty or reaches over the edge, or the result would be empty
     */
    public static Pixels resizeCrop(
            Pixels image, int top, int left, int boxHeight, int boxWidth, int height, int width) {
        if (top < 0
                || left < 0
                || boxHeight < 1
                || boxWidth < 1
                || boxHeight > image.height() - top
                || boxWidth > image.width() - left) {
            throw new IllegalArgumentException("expected a box within " + image + ", got " + boxHeight + "x" + boxWidth
                    + " at row " + top + ", column " + left);
        }
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("expected a size of at least 1x1, got " + height + "x" + width);
        }
        Pixels cut = boxWidth == width
                ? crop(image, top, left, boxHeight, boxWidth)
                : horizontally(image, top, left, boxHeight, new Weights(boxWidth, width));
        return boxHeight == height ? cut : vertically(cut, new Weights(boxHeight, height));
    }

    private static Pixels crop(Pixels image, int top, int left, int height, int width) {
        if (height == image.height() && width == image.width()) {
            return image;
        }
        int channels = image.channels();
        byte[] to = new byte[height * width * channels];
        for (int y = 0; y < height; y++) {
            int start = ((top + y) * image.width() + left) * channels;
            System.arraycopy(image.values(), start, to, y * width * channels, width * channels);
        }
        return new Pixels(height, width, channels, to);
    }

    private static Pixels horizontally(Pixels image, int top, int left, int height, Weights weights) {
        int channels = image.channels();
        int width = weights.size;
        byte[] from = image.values();
        byte[] to = new byte[Math.multiplyExact(Math.multiplyExact(height, width), channels)];
        int at = 0;
        for (int y = 0; y < height; y++) {
            int row = ((top + y) * image.width() + left) * channels;
            for (int x = 0; x < width; x++) {
                int weight = x * weights.stride;
                int end = weight + weights.count[x];
                int pixel = row + weights.first[x] * channels;
                if (channels == 1) {
                    int sum = HALF;
                    for (; weight < end; weight++, pixel++) {
                        sum += (from[pixel] & 0xFF) * weights.values[weight];
                    }
                    to[at++] = (byte) Math.min(255, sum >> PRECISION_BITS);
                } else {
                    int red = HALF;
                    int green = HALF;
                    int blue = HALF;
                    for (; weight < end; weight++, pixel += 3) {
                        int w = weights.values[weight];
                        red += (from[pixel] & 0xFF) * w;
                        green += (from[pixel + 1] & 0xFF) * w;
                        blue += (from[pixel + 2] & 0xFF) * w;
                    }
                    to[at++] = (byte) Math.min(255, red >> PRECISION_BITS);
                    to[at++] = (byte) Math.min(255, green >> PRECISION_BITS);
                    to[at++] = (byte) Math.min(255, blue >> PRECISION_BITS);
                }
            }
        }
        return new Pixels(height, width, channels, to);
    }

    private static Pixels vertically(Pixels image, Weights weights) {
        int height = weights.size;
        int length = image.width() * image.channels();
        byte[] from = image.values();
        byte[] to = new byte[Math.multiplyExact(height, length)];
        int[] sums = new int[length];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < weights.count[y]; k++) {
                int w = weights.values[y * weights.stride + k];
                int row = (weights.first[y] + k) * length;
                for (int i = 0; i < length; i++) {
                    sums[i] += (from[row + i] & 0xFF) * w;
                }
            }
            for (int i = 0; i < length; i++) {
                to[y * length + i] = (byte) Math.min(255, sums[i] >> PRECISION_BITS);
            }
        }
        return new Pixels(height, image.width(), image.channels(), to);
    }

    /** For every place along the new axis, the places of the old one it is a mean of. */
    private static final class Weights {

        final int size;
        final int stride;
        final int[] first;
        final int[] count;
        final int[] values;

        Weights(int oldSize, int size) {
            double scale = (double) oldSize / size;
            double support = Math.max(1, scale);
            this.size = size;
            stride = 2 * (int) Math.ceil(support) + 1;
            first = new int[size];
            count = new int[size];
            values = new int[Math.multiplyExact(size, stride)];
            double[] exact = new double[stride];
            for (int i = 0; i < size; i++) {
                double centre = (i + 0.5) * scale;
                int start = Math.max(0, (int) (centre - support + 0.5));
                int n = Math.min(oldSize, (int) (centre + support + 0.5)) - start;
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    exact[k] = Math.max(0, 1 - Math.abs((start + k - centre + 0.5) / support));
                    sum += exact[k];
                }
                for (int k = 0; k < n; k++) {
                    values[i * stride + k] = (int) (0.5 + exact[k] / sum * (1 << PRECISION_BITS));
                }
                first[i] = start;
                count[i] = n;
            }
        }
    }
}
