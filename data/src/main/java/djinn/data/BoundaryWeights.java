package djinn.data;

import djinn.ops.Default;
import java.util.Arrays;

/**
 * How much more the background between objects counts, the more the closer two objects are: {@code w0 exp(-(d1 + d2)^2 /
 * (2 sigma^2))}, where d1 and d2 are the distances to the nearest and the second nearest object (Ronneberger et al. 2015,
 * equation 2).
 *
 * <p>An object is a region of one class but the background's, 0, whose pixels touch by their edges. Only background has
 * such a weight; that of objects and of what is unknown is 0.
 *
 * @param w0 the most that is added, above 0
 * @param sigma how far it reaches, in pixels, above 0
 */
public record BoundaryWeights(
        @Default("10") double w0, @Default("5") double sigma) {

    /** Beyond so many sigmas of both distances together, less than a 2000th of it is left. */
    private static final double REACH = 4;

    /** Checks that both are above 0. */
    public BoundaryWeights {
        if (!(w0 > 0 && sigma > 0 && Double.isFinite(w0) && Double.isFinite(sigma))) {
            throw new IllegalArgumentException("expected w0 and sigma above 0, got " + w0 + " and " + sigma);
        }
    }

    /**
     * Computes the weights of a map's pixels.
     *
     * @param labels the map
     * @return a weight of at least 0 for each pixel, row by row
     */
    public float[] of(LabelMap labels) {
        int height = labels.height();
        int width = labels.width();
        int[] regions = new int[height * width];
        float[] first = new float[height * width];
        float[] second = new float[height * width];
        Arrays.fill(first, Float.POSITIVE_INFINITY);
        Arrays.fill(second, Float.POSITIVE_INFINITY);
        int[] stack = new int[height * width];
        int found = 0;
        for (int start = 0; start < regions.length; start++) {
            int label = labels.values()[start] & 0xFF;
            if (regions[start] == 0 && label != 0 && label != LabelMap.IGNORED) {
                found++;
                measure(fill(labels, start, found, regions, stack), found, regions, height, width, first, second);
            }
        }
        float[] weights = new float[height * width];
        for (int i = 0; i < weights.length; i++) {
            double both = (double) first[i] + second[i];
            if (labels.values()[i] == 0 && both < REACH * sigma) {
                weights[i] = (float) (w0 * Math.exp(-both * both / (2 * sigma * sigma)));
            }
        }
        return weights;
    }

    /** The rows and columns that a region lies within. */
    private record Extent(int top, int bottom, int left, int right) {}

    /** Numbers the pixels of a region. */
    private static Extent fill(LabelMap labels, int start, int number, int[] regions, int[] stack) {
        int width = labels.width();
        byte label = labels.values()[start];
        int top = start / width;
        int bottom = top;
        int left = start % width;
        int right = left;
        int waiting = 0;
        stack[waiting++] = start;
        regions[start] = number;
        while (waiting > 0) {
            int at = stack[--waiting];
            int y = at / width;
            int x = at % width;
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
            left = Math.min(left, x);
            right = Math.max(right, x);
            int[] neighbours = {
                x > 0 ? at - 1 : -1,
                x < width - 1 ? at + 1 : -1,
                y > 0 ? at - width : -1,
                y < labels.height() - 1 ? at + width : -1
            };
            for (int next : neighbours) {
                if (next >= 0 && regions[next] == 0 && labels.values()[next] == label) {
                    regions[next] = number;
                    stack[waiting++] = next;
                }
            }
        }
        return new Extent(top, bottom, left, right);
    }

    /** Notes the distances of all pixels within reach to a region: down the columns first, then along the rows. */
    private void measure(
            Extent region, int number, int[] regions, int height, int width, float[] first, float[] second) {
        int reach = (int) Math.ceil(REACH * sigma);
        int top = Math.max(0, region.top - reach);
        int bottom = Math.min(height - 1, region.bottom + reach);
        int columns = region.right - region.left + 1;
        int[] down = new int[(bottom - top + 1) * columns];
        int far = height + width;
        for (int column = 0; column < columns; column++) {
            int distance = far;
            for (int y = top; y <= bottom; y++) {
                distance = regions[y * width + region.left + column] == number ? 0 : distance + 1;
                down[(y - top) * columns + column] = distance;
            }
            distance = far;
            for (int y = bottom; y >= top; y--) {
                int at = (y - top) * columns + column;
                distance = down[at] == 0 ? 0 : distance + 1;
                down[at] = Math.min(down[at], distance);
            }
        }
        for (int y = top; y <= bottom; y++) {
            int row = (y - top) * columns;
            for (int x = Math.max(0, region.left - reach); x <= Math.min(width - 1, region.right + reach); x++) {
                int from = Math.max(0, x - reach - region.left);
                int to = Math.min(columns - 1, x + reach - region.left);
                int least = Integer.MAX_VALUE;
                for (int column = from; column <= to; column++) {
                    int across = x - region.left - column;
                    int along = down[row + column];
                    if (along <= reach) {
                        least = Math.min(least, across * across + along * along);
                    }
                }
                if (least < Integer.MAX_VALUE) {
                    note(y * width + x, (float) Math.sqrt((double) least), first, second);
                }
            }
        }
    }

    private static void note(int at, float distance, float[] first, float[] second) {
        if (distance < first[at]) {
            second[at] = first[at];
            first[at] = distance;
        } else if (distance < second[at]) {
            second[at] = distance;
        }
    }
}
