package djinn.inference.text;

import djinn.ops.NotFiniteException;
import java.util.PriorityQueue;
import java.util.function.IntFunction;

/** The likeliest next tokens of several sequences, as many of each, the likeliest first. */
public final class LikelyTokens {

    private final int count;
    private final int[] tokens;
    private final float[] logProbabilities;

    /** Takes arrays over, sequence by sequence. */
    LikelyTokens(int count, int[] tokens, float[] logProbabilities) {
        this.count = count;
        this.tokens = tokens;
        this.logProbabilities = logProbabilities;
        for (float logProbability : logProbabilities) {
            if (Float.isNaN(logProbability)) {
                throw new NotFiniteException(
                        "expected finite logits, got NaN; was the model trained until its loss became NaN?");
            }
        }
    }

    /** Finds them; of equally likely tokens those with the lower numbers come first. */
    static LikelyTokens of(IntFunction<float[]> logits, int sequences, int count) {
        int[] tokens = new int[sequences * count];
        float[] logProbabilities = new float[sequences * count];
        for (int n = 0; n < sequences; n++) {
            float[] row = logits.apply(n);
            double all = logOfSum(row);
            PriorityQueue<Integer> best = new PriorityQueue<>(
                    (a, b) -> row[a] == row[b] ? Integer.compare(b, a) : Float.compare(row[a], row[b]));
            for (int k = 0; k < row.length; k++) {
                if (best.size() < count) {
                    best.add(k);
                } else if (row[k] > row[best.element()]) {
                    best.remove();
                    best.add(k);
                }
            }
            for (int i = (n + 1) * count - 1; i >= n * count; i--) {
                tokens[i] = best.remove();
                logProbabilities[i] = (float) (row[tokens[i]] - all);
            }
        }
        return new LikelyTokens(count, tokens, logProbabilities);
    }

    /** The logarithm of the sum of exponentials; NaN if one is NaN or infinitely large. */
    private static double logOfSum(float[] logits) {
        float highest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) (logit - highest));
        }
        return highest + Math.log(sum);
    }

    /** Returns how many there are of each sequence. */
    public int count() {
        return count;
    }

    /**
     * Returns a token.
     *
     * @param sequence from 0
     * @param rank 0 for the likeliest, to below the count
     */
    public int token(int sequence, int rank) {
        return tokens[sequence * count + rank];
    }

    /**
     * Returns the natural logarithm of a token's probability, among all of the vocabulary.
     *
     * @param sequence from 0
     * @param rank 0 for the likeliest, to below the count
     */
    public float logProbability(int sequence, int rank) {
        return logProbabilities[sequence * count + rank];
    }
}
