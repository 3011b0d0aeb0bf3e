package djinn.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The expected calibration error (Guo et al. 2017, equation 3): {@code sum_m n_m / n |accuracy_m - confidence_m|} over
 * M equally wide bins of confidence, the highest probability of a sample. A bin holds its upper edge, not its lower
 * one.
 */
public final class CalibrationError implements Metric {

    private final int classes;
    private final int bins;
    /** Per bin: samples, their summed confidence, the right ones among them. */
    private final double[] sums;

    /**
     * What fell into a bin of confidence: a bar of the reliability diagram.
     *
     * @param samples how many
     * @param confidence their mean confidence; NaN if there are none
     * @param accuracy the share of them that was right; NaN if there are none
     */
    public record Bin(long samples, double confidence, double accuracy) {}

    /**
     * An empty metric.
     *
     * @param classes K
     * @param bins M; 15 in the paper
     * @throws IllegalArgumentException if K is below 2 or M below 1
     */
    public CalibrationError(int classes, int bins) {
        Inputs.atLeast("K", 2, classes);
        Inputs.atLeast("bins", 1, bins);
        this.classes = classes;
        this.bins = bins;
        this.sums = new double[Math.multiplyExact(3, bins)];
    }

    /**
     * Adds samples.
     *
     * @param probabilities (N, K) row by row, each from 0 to 1
     * @param labels (N) classes
     * @throws IllegalArgumentException if there are not N K probabilities, or one is none, or a label is no class
     */
    public void add(float[] probabilities, int[] labels) {
        Inputs.rows(probabilities.length, labels.length, classes);
        Inputs.labels(labels, classes);
        Inputs.probabilities(probabilities);
        for (int n = 0; n < labels.length; n++) {
            int predicted = 0;
            for (int k = 1; k < classes; k++) {
                if (probabilities[n * classes + k] > probabilities[n * classes + predicted]) {
                    predicted = k;
                }
            }
            double confidence = probabilities[n * classes + predicted];
            int bin = Math.max(0, Math.min(bins - 1, (int) Math.ceil(confidence * bins) - 1));
            sums[3 * bin]++;
            sums[3 * bin + 1] += confidence;
            sums[3 * bin + 2] += predicted == labels[n] ? 1 : 0;
        }
    }

    /** Returns the bins by rising confidence. */
    public List<Bin> bins() {
        return IntStream.range(0, bins)
                .mapToObj(
                        m -> new Bin((long) sums[3 * m], sums[3 * m + 1] / sums[3 * m], sums[3 * m + 2] / sums[3 * m]))
                .toList();
    }

    /** Returns the largest gap between confidence and accuracy of any bin, the paper's maximum calibration error. */
    public double maximum() {
        return bins().stream()
                .filter(bin -> bin.samples() > 0)
                .mapToDouble(bin -> Math.abs(bin.accuracy() - bin.confidence()))
                .max()
                .orElse(Double.NaN);
    }

    @Override
    public double value() {
        double samples = 0;
        double gaps = 0;
        for (int m = 0; m < bins; m++) {
            samples += sums[3 * m];
            gaps += Math.abs(sums[3 * m + 2] - sums[3 * m + 1]);
        }
        return gaps / samples;
    }

    @Override
    public double[] state() {
        return sums.clone();
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, sums.length);
        for (int i = 0; i < sums.length; i++) {
            sums[i] += state[i];
        }
    }
}
