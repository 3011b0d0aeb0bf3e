package djinn.metrics;

import java.util.Arrays;

/**
 * Which classes a classifier sees in samples, and how sure it is of them: whether a model that makes samples makes all
 * kinds of them.
 */
public final class ClassSpread implements Metric {

    private final double[] counts;
    private double confidence;

    /**
     * Of nothing yet.
     *
     * @param classes K
     * @throws IllegalArgumentException if it is below 1
     */
    public ClassSpread(int classes) {
        Inputs.atLeast("classes", 1, classes);
        counts = new double[classes];
    }

    /**
     * Adds samples.
     *
     * @param probabilities (N, K) row by row
     * @throws IllegalArgumentException if they are no whole rows, or no probabilities
     */
    public void add(float[] probabilities) {
        int rows = Math.floorDiv(probabilities.length, counts.length);
        Inputs.rows(probabilities.length, rows, counts.length);
        Inputs.probabilities(probabilities);
        for (int n = 0; n < rows; n++) {
            int best = 0;
            for (int k = 1; k < counts.length; k++) {
                if (probabilities[n * counts.length + k] > probabilities[n * counts.length + best]) {
                    best = k;
                }
            }
            counts[best]++;
            confidence += probabilities[n * counts.length + best];
        }
    }

    private double samples() {
        return Arrays.stream(counts).sum();
    }

    /** Returns the mean of the largest probabilities. */
    public double confidence() {
        return confidence / samples();
    }

    /** Returns the share of samples of the rarest class. */
    public double rarest() {
        return Arrays.stream(counts).min().orElseThrow() / samples();
    }

    /** Returns the share of classes of which there is a sample. */
    public double covered() {
        return samples() == 0
                ? Double.NaN
                : Arrays.stream(counts).filter(count -> count > 0).count() / (double) counts.length;
    }

    /** Returns the share of samples of each class. */
    public double[] shares() {
        return Arrays.stream(counts).map(count -> count / samples()).toArray();
    }

    /** Returns the {@linkplain #confidence() confidence}. */
    @Override
    public double value() {
        return confidence();
    }

    @Override
    public double[] state() {
        double[] state = Arrays.copyOf(counts, counts.length + 1);
        state[counts.length] = confidence;
        return state;
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, counts.length + 1);
        for (int k = 0; k < counts.length; k++) {
            counts[k] += state[k];
        }
        confidence += state[counts.length];
    }
}
