package djinn.zoo.generative;

import java.util.stream.IntStream;

/**
 * How much of an image noise leaves, step by step: the cosine schedule (Nichol and Dhariwal 2021, section 3.2).
 *
 * <p>After step t, counted from 0, an image x is {@code sqrt(abar_t) x + sqrt(1 - abar_t) noise}, where {@code abar_t =
 * f(t + 1) / f(0)}, {@code f(u) = cos^2((u / T + s) / (1 + s) pi / 2)} and s is 0.008; a step's own variance {@code beta_t = 1
 * - abar_t / abar_(t - 1)} is at most 0.999, and abar is the product of all {@code 1 - beta} so far.
 *
 * @param steps T, at least 2
 */
public record CosineSchedule(int steps) {

    private static final double OFFSET = .008;
    private static final double LARGEST = .999;

    /** Checks the number of steps. */
    public CosineSchedule {
        if (steps < 2) {
            throw new IllegalArgumentException("expected a schedule of at least 2 steps, got " + steps);
        }
    }

    /** Returns the variance of the noise that each step adds, (T). */
    public double[] betas() {
        return IntStream.range(0, steps)
                .mapToDouble(t -> Math.min(1 - kept(t + 1) / kept(t), LARGEST))
                .toArray();
    }

    /** Returns abar, the share of the image in the variance after each step, (T): from nearly 1 down to nearly 0. */
    public double[] remaining() {
        double[] remaining = betas();
        double product = 1;
        for (int t = 0; t < steps; t++) {
            product *= 1 - remaining[t];
            remaining[t] = product;
        }
        return remaining;
    }

    private double kept(int step) {
        double cosine = Math.cos(((double) step / steps + OFFSET) / (1 + OFFSET) * Math.PI / 2);
        return cosine * cosine;
    }
}
