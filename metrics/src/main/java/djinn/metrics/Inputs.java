package djinn.metrics;

/** Checks of what is added to metrics, before any of it is counted. */
final class Inputs {

    /** How far rounding may take a probability out of 0 to 1. */
    private static final float SLACK = 1e-5f;

    private Inputs() {}

    static void rows(int values, int samples, int width) {
        if (values != (long) samples * width) {
            throw new IllegalArgumentException("expected " + (long) samples * width + " values, " + samples
                    + " samples of " + width + ", got " + values);
        }
    }

    /** Returns the number of values each sample has. */
    static int width(int values, int samples) {
        if (samples == 0 ? values != 0 : values == 0 || values % samples != 0) {
            throw new IllegalArgumentException(
                    "expected equally many values for each of " + samples + " samples, got " + values);
        }
        return samples == 0 ? 0 : values / samples;
    }

    static void labels(int[] labels, int classes) {
        for (int label : labels) {
            label(label, classes);
        }
    }

    static void labels(int[] labels, int classes, int ignoreIndex) {
        for (int label : labels) {
            if (label != ignoreIndex) {
                label(label, classes);
            }
        }
    }

    private static void label(int label, int classes) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("expected classes from 0 to " + (classes - 1) + ", got " + label
                    + "; a label that counts for nothing is given as the ignore index where there is one");
        }
    }

    /** NaN passes, so that the figure of a model that diverged is NaN. */
    static void probabilities(float[] scores) {
        for (float score : scores) {
            if (!isProbability(score) && !Float.isNaN(score)) {
                throw new IllegalArgumentException(
                        "expected probabilities from 0 to 1, got " + score + "; take the softmax of logits first");
            }
        }
    }

    static boolean isProbability(float score) {
        return score >= -SLACK && score <= 1 + SLACK;
    }

    static void atLeast(String what, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException("expected " + what + " of at least " + least + ", got " + value);
        }
    }

    static void state(double[] state, int length) {
        if (state.length != length) {
            throw new IllegalArgumentException("expected a state of " + length + " numbers, got " + state.length
                    + "; only metrics of the same kind and settings merge");
        }
    }
}
