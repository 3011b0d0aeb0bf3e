package djinn.training.schedule;

/**
 * {@code base / (1 + exp(-gamma (time - stepSize)))}, Caffe's {@code sigmoid}.
 *
 * @param gamma the slope; the rate falls where it is below 0
 * @param stepSize the time of half the base rate
 */
public record Sigmoid(double gamma, long stepSize) implements Schedule {

    /** Checks the ranges. */
    public Sigmoid {
        if (!Double.isFinite(gamma)) {
            throw new IllegalArgumentException("expected a finite gamma, got " + gamma);
        }
    }

    @Override
    public double at(double base, long time, long total) {
        return base / (1 + Math.exp(-gamma * (time - stepSize)));
    }
}
