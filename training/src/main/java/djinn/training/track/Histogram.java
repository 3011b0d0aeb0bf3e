package djinn.training.track;

import java.util.ArrayList;
import java.util.List;

/**
 * How values are spread.
 *
 * @param min the smallest; 0 if there are none
 * @param max the largest
 * @param sum of all
 * @param sumOfSquares of all
 * @param limits the upper ends of the buckets, rising; the lower end of the first is the smallest value
 * @param counts how many values are in each bucket
 */
public record Histogram(
        double min, double max, double sum, double sumOfSquares, List<Double> limits, List<Double> counts) {

    private static final int BUCKETS = 64;

    /** Copies the lists. */
    public Histogram {
        limits = List.copyOf(limits);
        counts = List.copyOf(counts);
    }

    /**
     * Counts values in 64 buckets of equal width between the smallest and the largest. Values that are infinite or no
     * numbers are in none.
     *
     * @param values in any order
     * @return one bucket if all values are the same, or there are none
     */
    public static Histogram of(float[] values) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
                sum += value;
                squares += (double) value * value;
            }
        }
        if (min > max) {
            return new Histogram(0, 0, 0, 0, List.of(0.0), List.of(0.0));
        }
        int buckets = min < max ? BUCKETS : 1;
        double width = (max - min) / buckets;
        double[] counts = new double[buckets];
        for (float value : values) {
            if (Float.isFinite(value)) {
                counts[width > 0 ? Math.min(buckets - 1, (int) ((value - min) / width)) : 0]++;
            }
        }
        List<Double> ends = new ArrayList<>();
        List<Double> counted = new ArrayList<>();
        for (int i = 0; i < buckets; i++) {
            ends.add(i + 1 < buckets ? min + (i + 1) * width : max);
            counted.add(counts[i]);
        }
        return new Histogram(min, max, sum, squares, ends, counted);
    }

    /** Returns how many values there are. */
    public double count() {
        return counts.stream().mapToDouble(Double::doubleValue).sum();
    }
}
