package djinn.training.schedule;

import djinn.ops.Default;

/**
 * Multiplied by gamma every so often, as {@code StepLR} and Caffe's {@code step}.
 *
 * @param stepSize the time between drops, at least 1
 * @param gamma the factor
 */
public record Step(long stepSize, @Default("0.1") double gamma) implements Schedule {

    /** Checks the ranges. */
    public Step {
        ScheduleRanges.atLeastOne("step_size", stepSize);
        ScheduleRanges.share("gamma", gamma);
    }

    @Override
    public double at(double base, long time, long total) {
        return base * Math.pow(gamma, (double) Math.floorDiv(time, stepSize));
    }
}
