package djinn.predict.segmentation;

import djinn.data.Geometry;
import djinn.data.LabelMap;
import java.util.Arrays;

/**
 * Brings logits to an image's own size, interpolated linearly, and takes the highest.
 *
 * <p>Where a column of the image comes from is the same in all rows, so that each row of logits is brought to the image's
 * width once, and rows between two are mixed of these.
 */
public final class HighestLogits {

    private final int fromHeight;
    private final int fromWidth;
    private final int classes;
    private final float[] logits;

    /** Of the columns that come from inside of the logits. */
    private final int first;

    private final int end;

    /** Of each of these columns: the one to its left, the one to its right, and the share of the latter. */
    private final int[] left;

    private final int[] right;
    private final double[] share;

    /** Of each class two rows one below the other, at the image's width, and which rows they are. */
    private final double[][] mixed;

    private final int[] held = {-1, -1};

    private final double[] highest;

    private HighestLogits(float[] logits, int classes, Geometry geometry) {
        this.logits = logits;
        this.classes = classes;
        fromHeight = geometry.fromHeight();
        fromWidth = geometry.fromWidth();
        int width = geometry.width();
        left = new int[width];
        right = new int[width];
        share = new double[width];
        int firstInside = width;
        int endInside = 0;
        for (int x = 0; x < width; x++) {
            double from = geometry.xx() * (x + 0.5) + geometry.x0();
            if (from >= 0 && from < fromWidth) {
                double floor = Math.floor(from - 0.5);
                left[x] = (int) Math.max(0, floor);
                right[x] = (int) Math.min(fromWidth - 1, floor + 1);
                share[x] = from - 0.5 - floor;
                firstInside = Math.min(firstInside, x);
                endInside = x + 1;
            }
        }
        first = firstInside;
        end = endInside;
        mixed = new double[2 * classes][width];
        highest = new double[width];
    }

    /**
     * Tells the classes of an image's pixels.
     *
     * @param logits (K, H, W) at the model's size
     * @param classes K
     * @param geometry from the model's size to the image's, without a turn
     * @return the classes; what comes from outside of the logits is unknown
     * @throws IllegalArgumentException if the geometry turns
     */
    public static LabelMap of(float[] logits, int classes, Geometry geometry) {
        if (geometry.xy() != 0 || geometry.yx() != 0) {
            throw new IllegalArgumentException("expected a geometry whose rows stay rows, got " + geometry);
        }
        HighestLogits rows = new HighestLogits(logits, classes, geometry);
        int width = geometry.width();
        byte[] labels = new byte[Math.multiplyExact(geometry.height(), width)];
        Arrays.fill(labels, (byte) LabelMap.IGNORED);
        for (int y = 0; y < geometry.height(); y++) {
            double from = geometry.yy() * (y + 0.5) + geometry.y0();
            if (from >= 0 && from < rows.fromHeight) {
                rows.tell(from, labels, y * width);
            }
        }
        return new LabelMap(geometry.height(), width, labels);
    }

    private void tell(double from, byte[] labels, int at) {
        double floor = Math.floor(from - 0.5);
        double below = from - 0.5 - floor;
        int top = hold((int) Math.max(0, floor));
        int bottom = hold((int) Math.min(fromHeight - 1, floor + 1));
        Arrays.fill(highest, Double.NEGATIVE_INFINITY);
        Arrays.fill(labels, at + first, at + Math.max(first, end), (byte) 0);
        for (int k = 0; k < classes; k++) {
            double[] upper = mixed[2 * k + top];
            double[] lower = mixed[2 * k + bottom];
            for (int x = first; x < end; x++) {
                double value = upper[x] + (lower[x] - upper[x]) * below;
                if (value > highest[x]) {
                    highest[x] = value;
                    labels[at + x] = (byte) k;
                }
            }
        }
    }

    /** Brings a row to the image's width, unless it is there; returns which of the two it is. */
    private int hold(int row) {
        int slot = row & 1;
        if (held[slot] != row) {
            held[slot] = row;
            for (int k = 0; k < classes; k++) {
                int start = (k * fromHeight + row) * fromWidth;
                double[] to = mixed[2 * k + slot];
                for (int x = first; x < end; x++) {
                    double value = logits[start + left[x]];
                    to[x] = value + (logits[start + right[x]] - value) * share[x];
                }
            }
        }
        return slot;
    }
}
