package djinn.training.schedule;

import djinn.ops.Default;
import java.util.OptionalLong;

/**
 * A straight line between two shares of the base rate, as {@code LinearLR}; by default to zero over the training. Behind
 * a hold it is the constant rate and linear decay that GANs which translate images are trained with.
 *
 * @param startFactor the share it begins with, at least 0
 * @param endFactor the share it ends with, at least 0
 * @param totalIters the time it takes, at least 1; what is left of the training if left out. The rate stays at the end's
 *     after it
 * @param hold the time before it begins, in which the rate stays at the start's; at least 0
 */
public record Linear(
        @Default("1") double startFactor,
        @Default("0") double endFactor,
        OptionalLong totalIters,
        @Default("0") long hold)
        implements Schedule {

    /** Checks the ranges. */
    public Linear {
        ScheduleRanges.atLeastZero("start_factor", startFactor);
        ScheduleRanges.atLeastZero("end_factor", endFactor);
        if (totalIters.isPresent()) {
            ScheduleRanges.atLeastOne("total_iters", totalIters.getAsLong());
        }
        ScheduleRanges.atLeastZero("hold", (double) hold);
    }

    @Override
    public double at(double base, long time, long total) {
        long length = totalIters.orElse(Math.max(1, total - hold));
        long along = Math.max(0, Math.min(time - hold, length));
        return base * (startFactor + (endFactor - startFactor) * along / length);
    }
}
