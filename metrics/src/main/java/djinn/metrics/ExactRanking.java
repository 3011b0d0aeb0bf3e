package djinn.metrics;

import java.util.Arrays;

/** Keeps every score: four bytes a sample, as many again while walked. State: positives, their scores, the others'. */
final class ExactRanking implements Ranking {

    private float[] positives = new float[0];
    private float[] negatives = new float[0];
    private int positiveCount;
    private int negativeCount;

    @Override
    public Ranking empty() {
        return new ExactRanking();
    }

    @Override
    public void check(float score) {
        if (Float.isNaN(score)) {
            throw new IllegalArgumentException("expected scores that can be ranked, got " + score);
        }
    }

    @Override
    public void add(float score, boolean positive) {
        if (positive) {
            positives = Buffers.withRoom(positives, positiveCount + 1L);
            positives[positiveCount++] = score;
        } else {
            negatives = Buffers.withRoom(negatives, negativeCount + 1L);
            negatives[negativeCount++] = score;
        }
    }

    @Override
    public double positives() {
        return positiveCount;
    }

    @Override
    public double negatives() {
        return negativeCount;
    }

    @Override
    public void descend(Visitor visitor) {
        float[] ones = sorted(positives, positiveCount);
        float[] zeros = sorted(negatives, negativeCount);
        int p = ones.length;
        int n = zeros.length;
        while (p > 0 || n > 0) {
            float score = n == 0 || (p > 0 && ones[p - 1] >= zeros[n - 1]) ? ones[p - 1] : zeros[n - 1];
            int positivesLeft = p;
            int negativesLeft = n;
            while (p > 0 && ones[p - 1] == score) {
                p--;
            }
            while (n > 0 && zeros[n - 1] == score) {
                n--;
            }
            visitor.visit(score, positivesLeft - p, negativesLeft - n);
        }
    }

    private static float[] sorted(float[] scores, int count) {
        float[] sorted = Arrays.copyOf(scores, count);
        Arrays.sort(sorted);
        return sorted;
    }

    @Override
    public double[] state() {
        double[] state = new double[Math.addExact(1, Math.addExact(positiveCount, negativeCount))];
        state[0] = positiveCount;
        for (int i = 0; i < positiveCount; i++) {
            state[1 + i] = positives[i];
        }
        for (int i = 0; i < negativeCount; i++) {
            state[1 + positiveCount + i] = negatives[i];
        }
        return state;
    }

    @Override
    public void merge(double[] state) {
        if (state.length == 0 || !(state[0] >= 0 && state[0] < state.length)) {
            throw new IllegalArgumentException("expected a state that opens with its number of positives, got "
                    + (state.length == 0 ? "nothing" : state[0] + " with " + (state.length - 1) + " scores"));
        }
        int ones = (int) state[0];
        positives = Buffers.withRoom(positives, (long) positiveCount + ones);
        negatives = Buffers.withRoom(negatives, (long) negativeCount + state.length - 1 - ones);
        for (int i = 1; i < state.length; i++) {
            add((float) state[i], i <= ones);
        }
    }
}
