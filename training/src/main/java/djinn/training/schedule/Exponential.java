package djinn.training.schedule;

/**
 * Multiplied by gamma at every time, as {@code ExponentialLR} and Caffe's {@code exp}.
 *
 * @param gamma the factor
 */
public record Exponential(double gamma) implements Schedule {

    /** Checks the ranges. */
    public Exponential {
        ScheduleRanges.share("gamma", gamma);
    }

    @Override
    public double at(double base, long time, long total) {
        return base * Math.pow(gamma, (double) time);
    }
}
