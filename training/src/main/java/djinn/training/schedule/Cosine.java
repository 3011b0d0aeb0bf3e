package djinn.training.schedule;

import djinn.ops.Default;

/**
 * Half a cosine from the base rate to the least, as {@code CosineAnnealingLR} (Loshchilov and Hutter 2017).
 *
 * @param minLr the rate at the end
 */
public record Cosine(@Default("0") double minLr) implements Schedule {

    /** Checks the ranges. */
    public Cosine {
        ScheduleRanges.atLeastZero("min_lr", minLr);
    }

    @Override
    public double at(double base, long time, long total) {
        return minLr + (base - minLr) * (1 + Math.cos(Math.PI * time / total)) / 2;
    }
}
