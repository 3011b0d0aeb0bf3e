package djinn.data;

import java.util.Arrays;

/**
 * Resizing of 8-bit images as Pillow does it: one axis after the other with the values rounded to 8 bits in between, in
 * the same fixed point.
 *
 * <p>Both passes add up whole lines, an array each: the first pass columns, the second rows. The compiler makes vector
 * instructions only of loops whose arrays have one and the same index.
 */
public final class Resampling {

    /** Fraction bits of a weight: an int less 8 bits of value and 2 of head room. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int ONE = 1 << PRECISION_BITS;
    private static final int HALF = ONE / 2;

    /** The largest sum whose value is a byte. */
    private static final int LARGEST = 256 * ONE - 1;

    /** Rows of one go of the first pass: its lines, of which large steps need many, stay small. */
    private static final int BLOCK = 512;

    /** What a thread keeps at most, 16 MB. */
    private static final int MOST_KEPT = 1 << 22;

    private static final ThreadLocal<int[]> SCRATCH = ThreadLocal.withInitial(() -> new int[0]);

    private final Pixels image;
    private final Region source;
    private final Weights rows;
    private final Weights columns;

    private Resampling(Pixels image, Region source, int height, int width, Interpolation interpolation) {
        this.image = image;
        this.source = source;
        this.rows = new Weights(source.height(), height, interpolation);
        this.columns = new Weights(source.width(), width, interpolation);
    }

    /**
     * Resizes an image; returns it itself where it has the size already.
     *
     * @throws IllegalArgumentException if the height or the width is less than 1
     */
    public static Pixels resize(Pixels image, int height, int width, Interpolation interpolation) {
        return resizeCrop(image, Region.whole(image.height(), image.width()), height, width, interpolation);
    }

    /**
     * Cuts out a region and resizes it, as torchvision's {@code resized_crop}: pixels outside of it do not take part.
     *
     * @param image any image
     * @param region a part of the image
     * @param height rows of the result
     * @param width columns of the result
     * @param interpolation how
     * @throws IllegalArgumentException if the region is empty or reaches over the edge, or the result would be empty
     */
    public static Pixels resizeCrop(Pixels image, Region region, int height, int width, Interpolation interpolation) {
        region.within(image.height(), image.width());
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("expected a size of at least 1x1, got " + height + "x" + width);
        }
        return new Resampling(image, region, height, width, interpolation).pixels(Region.whole(height, width));
    }

    /**
     * Cuts a region out of a resized image, without making the rest of that.
     *
     * @param image any image
     * @param resizedHeight rows of the resized image
     * @param resizedWidth columns of the resized image
     * @param region a part of the resized image
     * @param interpolation how
     * @throws IllegalArgumentException if the region is empty or reaches over the edge of the resized image
     */
    public static Pixels cropOfResized(
            Pixels image, int resizedHeight, int resizedWidth, Region region, Interpolation interpolation) {
        region.within(resizedHeight, resizedWidth);
        Region source = Region.whole(image.height(), image.width());
        return new Resampling(image, source, resizedHeight, resizedWidth, interpolation).pixels(region);
    }

    /** Computes a part of the result. */
    private Pixels pixels(Region part) {
        if (rows.identical && columns.identical) {
            return image.crop(
                    new Region(source.top() + part.top(), source.left() + part.left(), part.height(), part.width()));
        }
        int from = rows.first[part.top()];
        int height = rows.end(part.top() + part.height() - 1) - from;
        int length = Math.multiplyExact(part.width(), image.channels());
        int[] narrowed = scratch(Math.multiplyExact(height, length));
        for (int y = 0; y < height; y += BLOCK) {
            narrow(part, from + y, Math.min(BLOCK, height - y), narrowed, y * length);
        }
        byte[] values = new byte[Math.multiplyExact(part.height(), length)];
        shorten(part, from, narrowed, length, values);
        return new Pixels(part.height(), part.width(), image.channels(), values);
    }

    /** The first pass, for some of the rows that the second needs: the columns wanted, row by row into an array. */
    private void narrow(Region part, int from, int height, int[] to, int toStart) {
        int channels = image.channels();
        int stride = image.width() * channels;
        int start = ((source.top() + from) * image.width() + source.left()) * channels;
        int[][] ring = new int[columns.stride * channels][height];
        int[] sums = new int[height];
        int loaded = columns.first[part.left()];
        for (int x = 0; x < part.width(); x++) {
            int place = part.left() + x;
            for (; loaded < columns.end(place); loaded++) {
                for (int c = 0; c < channels; c++) {
                    int[] line = ring[loaded % columns.stride * channels + c];
                    load(image.values(), start + loaded * channels + c, stride, line);
                }
            }
            for (int c = 0; c < channels; c++) {
                columns.sum(place, ring, channels, c, sums);
                store(sums, to, toStart + x * channels + c, part.width() * channels);
            }
        }
    }

    /** The second pass. */
    private void shorten(Region part, int from, int[] narrowed, int length, byte[] to) {
        int[][] ring = new int[rows.stride][length];
        int[] sums = new int[length];
        int loaded = from;
        for (int y = 0; y < part.height(); y++) {
            int place = part.top() + y;
            for (; loaded < rows.end(place); loaded++) {
                System.arraycopy(narrowed, (loaded - from) * length, ring[loaded % rows.stride], 0, length);
            }
            rows.sum(place, ring, 1, 0, sums);
            round(sums, to, y * length);
        }
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

    private static void load(byte[] from, int start, int stride, int[] line) {
        for (int i = 0, at = start; i < line.length; i++, at += stride) {
            line[i] = from[at] & 0xFF;
        }
    }

    private static void add(int[] line, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += line[i] * weight;
        }
    }

    /** No sum of weights above 0 rounds to 256: they add up to one within half a unit each, far below half a value. */
    private static void store(int[] sums, int[] to, int start, int stride) {
        for (int i = 0, at = start; i < sums.length; i++, at += stride) {
            to[at] = sums[i] >> PRECISION_BITS;
        }
    }

    /** As Pillow's clip8, before the bits of the fraction are shifted out. */
    private static void clip(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.min(Math.max(sums[i], 0), LARGEST);
        }
    }

    private static void round(int[] sums, byte[] to, int start) {
        for (int i = 0; i < sums.length; i++) {
            to[start + i] = (byte) (sums[i] >> PRECISION_BITS);
        }
    }

    /** For every place along the new axis, the places of the old one it is a mean of. */
    private static final class Weights {

        final boolean identical;
        final boolean overshoots;
        final int stride;
        final int[] first;
        final int[] count;
        final int[] values;

        Weights(int oldSize, int size, Interpolation interpolation) {
            double scale = (double) oldSize / size;
            double widening = Math.max(1, scale);
            identical = oldSize == size;
            overshoots = interpolation.overshoots();
            stride = 2 * (int) Math.ceil(interpolation.support() * widening) + 1;
            first = new int[size];
            count = new int[size];
            values = new int[Math.multiplyExact(size, stride)];
            if (interpolation == Interpolation.NEAREST) {
                single(oldSize, scale);
            } else {
                filter(oldSize, scale, widening, interpolation);
            }
        }

        /** Adds up the steps as Pillow does: a product would round otherwise. */
        private void single(int oldSize, double scale) {
            double centre = scale * 0.5;
            for (int i = 0; i < first.length; i++) {
                first[i] = Math.min((int) centre, oldSize - 1);
                count[i] = 1;
                values[i] = ONE;
                centre += scale;
            }
        }

        private void filter(int oldSize, double scale, double widening, Interpolation interpolation) {
            double support = interpolation.support() * widening;
            double narrowing = 1 / widening;
            double[] exact = new double[stride];
            for (int i = 0; i < first.length; i++) {
                double centre = (i + 0.5) * scale;
                int start = Math.max(0, (int) (centre - support + 0.5));
                int n = Math.min(oldSize, (int) (centre + support + 0.5)) - start;
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    exact[k] = interpolation.weight((start + k - centre + 0.5) * narrowing);
                    sum += exact[k];
                }
                for (int k = 0; k < n; k++) {
                    double share = exact[k] / sum * ONE;
                    values[i * stride + k] = (int) (share < 0 ? share - 0.5 : share + 0.5);
                }
                first[i] = start;
                count[i] = n;
            }
        }

        /** Behind the last of the old places that a new one is a mean of. */
        int end(int place) {
            return first[place] + count[place];
        }

        /**
         * Adds up the weighted lines of a place.
         *
         * @param ring the newest lines, of the old place i those from (i modulo stride) x channels on
         */
        void sum(int place, int[][] ring, int channels, int channel, int[] sums) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < count[place]; k++) {
                int line = (first[place] + k) % stride * channels + channel;
                add(ring[line], values[place * stride + k], sums);
            }
            if (overshoots) {
                clip(sums);
            }
        }
    }
}
