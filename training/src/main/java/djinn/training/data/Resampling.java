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

    /** What a thread keeps at most, 16 MB. */
    private static final int MOST_KEPT = 1 << 22;

    private static final ThreadLocal<int[]> SCRATCH = ThreadLocal.withInitial(() -> new int[0]);

    private final Pixels image;
    private final int top;
    private final int left;
    private final Weights rows;
    private final Weights columns;

    private Resampling(Pixels image, int top, int left, Weights rows, Weights columns) {
        this.image = image;
        this.top = top;
        this.left = left;
        this.rows = rows;
        this.columns = columns;
    }

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
        return new Resampling(image, top, left, new Weights(boxHeight, height), new Weights(boxWidth, width))
                .pixels(0, 0, height, width);
    }

    /**
     * Cuts a box out of a resized image, without making the rest of that.
     *
     * @param image any image
     * @param resizedHeight rows of the resized image
     * @param resizedWidth columns of the resized image
     * @param top first row of the box
     * @param left first column of the box
     * @param height rows of the box
     * @param width columns of the box
     * @throws IllegalArgumentException if the box is empty or reaches over the edge of the resized image
     */
    public static Pixels cropOfResized(
            Pixels image, int resizedHeight, int resizedWidth, int top, int left, int height, int width) {
        if (top < 0
                || left < 0
                || height < 1
                || width < 1
                || height > resizedHeight - top
                || width > resizedWidth - left) {
            throw new IllegalArgumentException("expected a box within " + resizedHeight + "x" + resizedWidth + ", got "
                    + height + "x" + width + " at row " + top + ", column " + left);
        }
        return new Resampling(
                        image,
                        0,
                        0,
                        new Weights(image.height(), resizedHeight),
                        new Weights(image.width(), resizedWidth))
                .pixels(top, left, height, width);
    }

    /** Computes a box of the result. */
    private Pixels pixels(int firstRow, int firstColumn, int height, int width) {
        int channels = image.channels();
        if (rows.identical && columns.identical) {
            return crop(image, top + firstRow, left + firstColumn, height, width);
        }
        int from = rows.first[firstRow];
        int to = rows.first[firstRow + height - 1] + rows.count[firstRow + height - 1];
        int length = Math.multiplyExact(width, channels);
        // as ints, the second pass is one that the compiler makes vector instructions of
        int[] cut = scratch(Math.multiplyExact(to - from, length));
        for (int y = from; y < to; y++) {
            int row = ((top + y) * image.width() + left) * channels;
            if (channels == 1) {
                greyRow(row, firstColumn, width, cut, (y - from) * length);
            } else {
                colourRow(row, firstColumn, width, cut, (y - from) * length);
            }
        }
        byte[] values = new byte[Math.multiplyExact(height, length)];
        int[] sums = new int[length];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            int place = firstRow + y;
            for (int k = 0; k < rows.count[place]; k++) {
                add(cut, (rows.first[place] + k - from) * length, rows.values[place * rows.stride + k], sums);
            }
            round(sums, values, y * length);
        }
        return new Pixels(height, width, channels, values);
    }

    /** Memory of the thread's, which takes what is left in it for nothing: a large array costs as much to make as to use. */
    private static int[] scratch(int length) {
        int[] own = SCRATCH.get();
        if (own.length < length) {
            own = new int[length];
            if (length <= MOST_KEPT) {
                SCRATCH.set(own);
            }
        }
        return own;
    }

    /** No sum rounds to 256: weights add up to one within half a unit each, far below what a half of a value is. */
    private static void round(int[] sums, byte[] to, int start) {
        for (int i = 0; i < sums.length; i++) {
            to[start + i] = (byte) (sums[i] >> PRECISION_BITS);
        }
    }

    private static void add(int[] from, int start, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += from[start + i] * weight;
        }
    }

    private void greyRow(int row, int firstColumn, int width, int[] to, int start) {
        byte[] from = image.values();
        for (int x = 0; x < width; x++) {
            int place = firstColumn + x;
            int weight = place * columns.stride;
            int pixel = row + columns.first[place];
            int sum = HALF;
            for (int end = weight + columns.count[place]; weight < end; weight++, pixel++) {
                sum += (from[pixel] & 0xFF) * columns.values[weight];
            }
            to[start + x] = sum >> PRECISION_BITS;
        }
    }

    private void colourRow(int row, int firstColumn, int width, int[] to, int start) {
        byte[] from = image.values();
        int[] weights = columns.values;
        int at = start;
        for (int x = 0; x < width; x++) {
            int place = firstColumn + x;
            int weight = place * columns.stride;
            int pixel = row + columns.first[place] * 3;
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int end = weight + columns.count[place]; weight < end; weight++, pixel += 3) {
                int w = weights[weight];
                red += (from[pixel] & 0xFF) * w;
                green += (from[pixel + 1] & 0xFF) * w;
                blue += (from[pixel + 2] & 0xFF) * w;
            }
            to[at] = red >> PRECISION_BITS;
            to[at + 1] = green >> PRECISION_BITS;
            to[at + 2] = blue >> PRECISION_BITS;
            at += 3;
        }
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

    /** For every place along the new axis, the places of the old one it is a mean of. */
    private static final class Weights {

        final boolean identical;
        final int stride;
        final int[] first;
        final int[] count;
        final int[] values;

        Weights(int oldSize, int size) {
            double scale = (double) oldSize / size;
            double support = Math.max(1, scale);
            identical = oldSize == size;
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
