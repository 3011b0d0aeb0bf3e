package djinn.data;

import java.util.Arrays;

/**
 * Resizing of 8-bit images as Pillow does it: one axis after the other with the values rounded to 8 bits in between, in
 * the same fixed point.
 *
 * <p>A row of the image is narrowed pixel by pixel, when it is first needed, into a line of its own; a row of the result
 * is the sum of such lines. The compiler makes vector instructions only of loops whose arrays have one and the same index.
 */
public final class Resampling {

    /** Fraction bits of a weight: an int less 8 bits of value and 2 of head room. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int COLOURS = 3;
    private static final int MOST = 255;

    private static final int ONE = 1 << PRECISION_BITS;
    private static final int HALF = ONE / 2;

    /** The largest sum whose value is a byte, before the bits of the fraction are shifted out. */
    private static final int LARGEST = (MOST + 1) * ONE - 1;

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
        int length = Math.multiplyExact(part.width(), image.channels());
        byte[] values = new byte[Math.multiplyExact(part.height(), length)];
        // the newest lines, that of row i at i modulo their number
        int[][] lines = new int[rows.stride][length];
        int[] sums = new int[length];
        int narrowed = 0;
        for (int y = 0; y < part.height(); y++) {
            int place = part.top() + y;
            // of the nearest pixels, some rows are never needed
            for (narrowed = Math.max(narrowed, rows.first[place]); narrowed < rows.end(place); narrowed++) {
                narrow(narrowed, part.left(), lines[narrowed % rows.stride]);
            }
            rows.sum(place, lines, sums);
            round(sums, values, y * length);
        }
        return new Pixels(part.height(), part.width(), image.channels(), values);
    }

    /** The first pass, of a row: its columns from some on, into a line. */
    private void narrow(int row, int from, int[] line) {
        int start = ((source.top() + row) * image.width() + source.left()) * image.channels();
        if (image.channels() == COLOURS) {
            columns.narrowColours(from, image.values(), start, line);
        } else {
            columns.narrowGrey(from, image.values(), start, line);
        }
        if (columns.overshoots) {
            clip(line, MOST);
        }
    }

    private static void add(int[] line, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += line[i] * weight;
        }
    }

    /** As Pillow's clip8. */
    private static void clip(int[] line, int largest) {
        for (int i = 0; i < line.length; i++) {
            line[i] = Math.min(Math.max(line[i], 0), largest);
        }
    }

    /** No sum of weights above 0 rounds to 256: they add up to one within half a unit each, far below half a value. */
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
         * @param lines the newest, that of the old place i at i modulo their number
         * @param sums takes the sums, with the bits of the fraction
         */
        void sum(int place, int[][] lines, int[] sums) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < count[place]; k++) {
                add(lines[(first[place] + k) % stride], values[place * stride + k], sums);
            }
            if (overshoots) {
                clip(sums, LARGEST);
            }
        }

        /**
         * Makes of a row of pixels a line of the places from one on, the channels side by side. Photos come to their size by
         * two or three pixels for a place most often: written out, these take half of the loop's time.
         */
        void narrowColours(int from, byte[] pixels, int start, int[] line) {
            for (int i = 0, place = from; i < line.length; i += COLOURS, place++) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int pixel = start + first[place] * COLOURS;
                int k = place * stride;
                if (count[place] == 2) {
                    int u = values[k];
                    int v = values[k + 1];
                    red += mean(pixels, pixel, u, v);
                    green += mean(pixels, pixel + 1, u, v);
                    blue += mean(pixels, pixel + 2, u, v);
                } else if (count[place] == 3) {
                    int u = values[k];
                    int v = values[k + 1];
                    int w = values[k + 2];
                    red += mean(pixels, pixel, u, v, w);
                    green += mean(pixels, pixel + 1, u, v, w);
                    blue += mean(pixels, pixel + 2, u, v, w);
                } else {
                    for (int end = k + count[place]; k < end; k++) {
                        int weight = values[k];
                        red += (pixels[pixel] & 0xFF) * weight;
                        green += (pixels[pixel + 1] & 0xFF) * weight;
                        blue += (pixels[pixel + 2] & 0xFF) * weight;
                        pixel += COLOURS;
                    }
                }
                line[i] = red >> PRECISION_BITS;
                line[i + 1] = green >> PRECISION_BITS;
                line[i + 2] = blue >> PRECISION_BITS;
            }
        }

        /** Of a channel of two pixels. */
        private static int mean(byte[] pixels, int at, int u, int v) {
            return (pixels[at] & 0xFF) * u + (pixels[at + COLOURS] & 0xFF) * v;
        }

        /** Of a channel of three pixels. */
        private static int mean(byte[] pixels, int at, int u, int v, int w) {
            return mean(pixels, at, u, v) + (pixels[at + 2 * COLOURS] & 0xFF) * w;
        }

        /** The same of one channel. */
        void narrowGrey(int from, byte[] pixels, int start, int[] line) {
            for (int i = 0; i < line.length; i++) {
                int place = from + i;
                int sum = HALF;
                int pixel = start + first[place];
                for (int k = 0; k < count[place]; k++) {
                    sum += (pixels[pixel + k] & 0xFF) * values[place * stride + k];
                }
                line[i] = sum >> PRECISION_BITS;
            }
        }
    }
}
