package djinn.training.schedule;

/**
 * {@code base (1 + gamma time)^-power}, Caffe's {@code inv}.
 *
 * @param gamma how fast it falls, at least 0
 * @param power how far, at least 0
 */
public record Inverse(double gamma, double power) implements Schedule {

    /** Checks the ranges. */
    public Inverse {
        ScheduleRanges.atLeastZero("gamma", gamma);
        ScheduleRanges.atLeastZero("power", power);
    }

    @Override
    public double at(double base, long time, long total) {
        return base * Math.pow(1 + gamma * time, -power);
    }
}
