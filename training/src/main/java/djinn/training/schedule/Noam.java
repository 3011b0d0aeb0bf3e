package djinn.training.schedule;

import java.util.List;

/**
 * {@code base d^-0.5 min(t^-0.5, t warmup^-1.5)} with t one more than the time (Vaswani et al. 2017, equation 3).
 *
 * @param modelSize the width d of the model, at least 1
 * @param warmup the time of the rise, at least 1
 */
public record Noam(long modelSize, long warmup) implements Schedule {

    /** Checks the ranges. */
    public Noam {
        ScheduleRanges.atLeastOne("model_size", modelSize);
        ScheduleRanges.atLeastOne("warmup", warmup);
    }

    @Override
    public double at(double base, long time, long total) {
        return within(base, time, 0, total, List.of());
    }

    @Override
    public double within(double base, long time, double share, long total, List<Double> watched) {
        double t = time + 1.0 + (time + 1 < warmup ? share : 0);
        return base / Math.sqrt((double) modelSize) * Math.min(1 / Math.sqrt(t), t * Math.pow((double) warmup, -1.5));
    }
}
