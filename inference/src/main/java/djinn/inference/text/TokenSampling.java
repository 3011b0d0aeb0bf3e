package djinn.inference.text;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How the next token is drawn from logits: softmax(x / temperature) of the likeliest.
 *
 * <p>Before that, the logit of each token that is there already is divided by the repetition penalty, or times it where it
 * is below zero (Keskar et al. 2019). Where both limits are given, the nucleus is taken of what the k likeliest have among themselves, in double
 * precision. Of equally likely tokens those with the lower numbers come first.
 *
 * @param temperature above 1 for more surprise, below for less; 0 always takes the likeliest
 * @param topK only so many of the likeliest tokens are drawn; empty for all (Fan et al. 2018)
 * @param topP only the likeliest tokens are drawn that together have at least this probability, the nucleus; empty for all
 *     (Holtzman et al. 2020)
 * @param repetitionPenalty above 1 for less of what is there already; 1 for none
 */
public record TokenSampling(double temperature, OptionalInt topK, OptionalDouble topP, double repetitionPenalty) {

    /** As the model says: temperature 1, all tokens. */
    public static final TokenSampling PLAIN = new TokenSampling(1, OptionalInt.empty(), OptionalDouble.empty(), 1);

    /** Always the likeliest token. */
    public static final TokenSampling GREEDY = PLAIN.withTemperature(0);

    /** Checks the ranges. */
    public TokenSampling {
        if (!(temperature >= 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("expected a temperature of at least 0, got " + temperature);
        }
        if (topK.orElse(1) < 1) {
            throw new IllegalArgumentException("expected top k of at least 1, got " + topK.getAsInt());
        }
        if (!(topP.orElse(1) > 0 && topP.orElse(1) <= 1)) {
            throw new IllegalArgumentException("expected top p above 0 and at most 1, got " + topP.getAsDouble());
        }
        if (!(repetitionPenalty > 0 && Double.isFinite(repetitionPenalty))) {
            throw new IllegalArgumentException("expected a repetition penalty above 0, got " + repetitionPenalty);
        }
    }

    /** Returns the same at another temperature. */
    public TokenSampling withTemperature(double other) {
        return new TokenSampling(other, topK, topP, repetitionPenalty);
    }

    /** Returns the same of so many of the likeliest tokens. */
    public TokenSampling withTopK(int k) {
        return new TokenSampling(temperature, OptionalInt.of(k), topP, repetitionPenalty);
    }

    /** Returns the same of the nucleus of a probability. */
    public TokenSampling withTopP(double p) {
        return new TokenSampling(temperature, topK, OptionalDouble.of(p), repetitionPenalty);
    }

    /** Returns the same with a penalty for what is there already. */
    public TokenSampling withRepetitionPenalty(double penalty) {
        return new TokenSampling(temperature, topK, topP, penalty);
    }

    /**
     * Draws a token to go on with.
     *
     * @param logits (K)
     * @param known the tokens that are there already
     * @param random drawn from once, but for temperature 0
     * @return from 0 to below K
     * @throws IllegalArgumentException if there are no logits, or one is NaN or infinitely large
     */
    public int draw(float[] logits, IntStream known, RandomGenerator random) {
        if (repetitionPenalty == 1) {
            return draw(logits, random);
        }
        float[] penalized = logits.clone();
        known.distinct()
                .forEach(token -> penalized[token] = (float)
                        (logits[token] > 0 ? logits[token] / repetitionPenalty : logits[token] * repetitionPenalty));
        return draw(penalized, random);
    }

    /**
     * Draws a token, whatever is there already.
     *
     * @param logits (K)
     * @param random drawn from once, but for temperature 0
     * @return from 0 to below K
     * @throws IllegalArgumentException if there are no logits, or one is NaN or infinitely large
     */
    public int draw(float[] logits, RandomGenerator random) {
        double[] probabilities = probabilities(logits);
        double left = random.nextDouble();
        int last = -1;
        for (int k = 0; k < probabilities.length; k++) {
            if (probabilities[k] > 0) {
                left -= probabilities[k];
                last = k;
                if (left < 0) {
                    break;
                }
            }
        }
        // where rounding leaves something over, the last
        return last;
    }

    /**
     * Returns how likely each token is to be drawn.
     *
     * @param logits (K)
     * @return (K), 0 for what is never drawn; they sum up to 1
     * @throws IllegalArgumentException if there are no logits, or one is NaN or infinitely large
     */
    public double[] probabilities(float[] logits) {
        int[] order = likeliestFirst(logits);
        double[] probabilities = new double[logits.length];
        if (temperature == 0) {
            probabilities[order[0]] = 1;
            return probabilities;
        }
        int kept = Math.min(topK.orElse(order.length), order.length);
        double highest = logits[order[0]];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            probabilities[order[i]] = Math.exp((logits[order[i]] - highest) / temperature);
            sum += probabilities[order[i]];
        }
        if (topP.isPresent()) {
            double nucleus = 0;
            for (int i = 0; i < kept; i++) {
                if (nucleus >= topP.getAsDouble() * sum) {
                    probabilities[order[i]] = 0;
                }
                nucleus += probabilities[order[i]];
            }
            sum = nucleus;
        }
        for (int i = 0; i < kept; i++) {
            probabilities[order[i]] /= sum;
        }
        return probabilities;
    }

    private static int[] likeliestFirst(float[] logits) {
        if (logits.length == 0) {
            throw new IllegalArgumentException("expected at least one logit, got none");
        }
        for (float logit : logits) {
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "expected finite logits, got " + logit + "; was the model trained until its loss became NaN?");
            }
        }
        // a number that sorts as the logits do, the highest first, above the token's
        long[] keys = new long[logits.length];
        for (int k = 0; k < keys.length; k++) {
            int bits = Float.floatToIntBits(logits[k]);
            int rising = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
            keys[k] = (long) ~rising << Integer.SIZE | k;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }
}
