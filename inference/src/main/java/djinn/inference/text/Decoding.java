package djinn.inference.text;

import djinn.ops.Default;

/**
 * How the best continuation is searched for: by beams (Wu et al. 2016, section 7).
 *
 * <p>Of so many unfinished sequences at a time each is gone on with. The score of one is its log probability divided by
 * {@code ((5 + n) / 6)^length_penalty}, n its tokens with the end, and {@code coverage_penalty * sum of log(min(c_i, 1))}, c_i
 * what all its tokens have together attended to token i of the source (equation 14): what leaves much of the source out is
 * worth less. It is told of what has ended alone, which is read once more for it; deviations from the paper: none, but that
 * a c_i of nothing counts as the least double.
 *
 * @param beams how many sequences are followed at once; 1 always takes the likeliest token
 * @param lengthPenalty the power of the length; 0 for none, which prefers short ones
 * @param coveragePenalty how much it costs to leave out of the source; 0 for nothing; of models that tell their attention
 * @param nBest how many sequences are answered, at most as many as beams
 * @param longest the most tokens of an answer, its end counted
 */
public record Decoding(
        @Default("4") int beams,
        @Default("0.6") double lengthPenalty,
        @Default("0") double coveragePenalty,
        @Default("1") int nBest,
        @Default("200") int longest) {

    /** Four beams, a length penalty of 0.6 as in the Transformer's paper, the best one, of 200 tokens at most. */
    public static final Decoding USUAL = new Decoding(4, .6, 0, 1, 200);

    /** Always the likeliest token. */
    public static final Decoding GREEDY = new Decoding(1, 0, 0, 1, 200);

    /** Checks the ranges. */
    public Decoding {
        if (beams < 1) {
            throw new IllegalArgumentException("expected beams of at least 1, got " + beams);
        }
        if (!(lengthPenalty >= 0 && Double.isFinite(lengthPenalty))) {
            throw new IllegalArgumentException("expected a length penalty of at least 0, got " + lengthPenalty);
        }
        if (!(coveragePenalty >= 0 && Double.isFinite(coveragePenalty))) {
            throw new IllegalArgumentException("expected a coverage penalty of at least 0, got " + coveragePenalty);
        }
        if (nBest < 1 || nBest > beams) {
            throw new IllegalArgumentException("expected n best from 1 to the beams, " + beams + ", got " + nBest);
        }
        if (longest < 1) {
            throw new IllegalArgumentException("expected longest of at least 1, got " + longest);
        }
    }

    /** Returns the same of so many beams; no more are answered. */
    public Decoding withBeams(int other) {
        return new Decoding(other, lengthPenalty, coveragePenalty, Math.max(1, Math.min(nBest, other)), longest);
    }

    /** Returns the same with another power of the length. */
    public Decoding withLengthPenalty(double other) {
        return new Decoding(beams, other, coveragePenalty, nBest, longest);
    }

    /** Returns the same with another price of what is left out of the source. */
    public Decoding withCoveragePenalty(double other) {
        return new Decoding(beams, lengthPenalty, other, nBest, longest);
    }

    /** Returns the same, so many answered. */
    public Decoding withNBest(int other) {
        return new Decoding(beams, lengthPenalty, coveragePenalty, other, longest);
    }

    /** Returns the same of so many tokens at most. */
    public Decoding withLongest(int other) {
        return new Decoding(beams, lengthPenalty, coveragePenalty, nBest, other);
    }

    /**
     * What is added to a score.
     *
     * @param shares of the source's tokens in each token of an answer, row by row
     * @param rows how many of those count
     * @param source how many tokens the source has
     */
    double coverage(float[] shares, int rows, int source) {
        double sum = 0;
        for (int i = 0; i < source; i++) {
            double covered = 0;
            for (int j = 0; j < rows; j++) {
                covered += shares[j * source + i];
            }
            sum += Math.log(Math.min(Math.max(covered, Double.MIN_VALUE), 1));
        }
        return coveragePenalty * sum;
    }

    /** The score of a log probability of so many tokens. */
    double score(double logProbability, int tokens) {
        return logProbability / Math.pow((5. + tokens) / 6, lengthPenalty);
    }
}
