package djinn.predict.segmentation;

import djinn.data.Geometry;
import djinn.data.LabelMap;
import java.util.Arrays;

/**
 * Brings logits to an image's own size, interpolated linearly, and takes the highest.
 *
 * <p>A class that is the highest at all logits that a pixel lies between is the highest there, whatever their shares: classes are
 * compared once for each logit, and again at those pixels alone whose neighbours differ.
 */
public final class HighestLogits {

    private final float[] logits;
    private final int classes;
    /** Logits of one class, and of one row. */
    private final int size;

    private final int width;
    /** The highest class at each place. */
    private final byte[] highest;

    private final Neighbours columns;
    private final Neighbours rows;

    private HighestLogits(float[] logits, int classes, Geometry geometry) {
        this.logits = logits;
        this.classes = classes;
        width = geometry.fromWidth();
        size = geometry.fromHeight() * width;
        highest = highest(logits, classes, size, width);
        columns = new Neighbours(geometry.xx(), geometry.x0(), geometry.width(), width);
        rows = new Neighbours(geometry.yy(), geometry.y0(), geometry.height(), geometry.fromHeight());
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
        HighestLogits found = new HighestLogits(logits, classes, geometry);
        int width = geometry.width();
        byte[] labels = new byte[Math.multiplyExact(geometry.height(), width)];
        Arrays.fill(labels, (byte) LabelMap.IGNORED);
        for (int y = found.rows.first; y < found.rows.end; y++) {
            found.tell(y, labels, y * width);
        }
        return new LabelMap(geometry.height(), width, labels);
    }

    /** Row by row, so that what is compared stays at hand. */
    private static byte[] highest(float[] logits, int classes, int size, int width) {
        byte[] highest = new byte[size];
        float[] most = new float[width];
        for (int row = 0; row < size; row += width) {
            System.arraycopy(logits, row, most, 0, width);
            for (int k = 1; k < classes; k++) {
                int start = k * size + row;
                for (int x = 0; x < width; x++) {
                    float value = logits[start + x];
                    if (value > most[x]) {
                        most[x] = value;
                        highest[row + x] = (byte) k;
                    }
                }
            }
        }
        return highest;
    }

    private void tell(int y, byte[] labels, int at) {
        int top = rows.before[y] * width;
        int bottom = rows.after[y] * width;
        double below = rows.share[y];
        for (int x = columns.first; x < columns.end; x++) {
            int left = columns.before[x];
            int right = columns.after[x];
            byte first = highest[top + left];
            boolean alike = highest[top + right] == first
                    && highest[bottom + left] == first
                    && highest[bottom + right] == first;
            labels[at + x] = alike ? first : between(top, bottom, below, left, right, columns.share[x]);
        }
    }

    /** The highest class at a place among four. */
    private byte between(int top, int bottom, double below, int left, int right, double share) {
        double most = Double.NEGATIVE_INFINITY;
        byte highestClass = 0;
        for (int k = 0; k < classes; k++) {
            int start = k * size;
            double upper = mixed(logits[start + top + left], logits[start + top + right], share);
            double lower = mixed(logits[start + bottom + left], logits[start + bottom + right], share);
            double value = mixed(upper, lower, below);
            if (value > most) {
                most = value;
                highestClass = (byte) k;
            }
        }
        return highestClass;
    }

    private static double mixed(double one, double other, double share) {
        return one + (other - one) * share;
    }

    /** Along one side: what each pixel lies between. */
    private static final class Neighbours {

        /** Of the pixels that come from inside of the logits. */
        private final int first;

        private final int end;
        private final int[] before;
        private final int[] after;
        /** That of the latter. */
        private final double[] share;

        Neighbours(double scale, double shift, int pixels, int extent) {
            before = new int[pixels];
            after = new int[pixels];
            share = new double[pixels];
            int firstInside = pixels;
            int endInside = 0;
            for (int i = 0; i < pixels; i++) {
                double from = scale * (i + 0.5) + shift;
                if (from >= 0 && from < extent) {
                    double floor = Math.floor(from - 0.5);
                    share[i] = from - 0.5 - floor;
                    before[i] = (int) Math.max(0, floor);
                    // one that has no share is no neighbour
                    after[i] = share[i] == 0 ? before[i] : (int) Math.min(extent - 1, floor + 1);
                    firstInside = Math.min(firstInside, i);
                    endInside = i + 1;
                }
            }
            first = firstInside;
            end = endInside;
        }
    }
}
