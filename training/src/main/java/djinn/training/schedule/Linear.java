package djinn.training.schedule;

import djinn.ops.Default;
import java.util.OptionalLong;

/**
 * A straight line between two shares of the base rate, as {@code LinearLR}; by default to zero over the training.
 *
 * @param startFactor the share it begins with, at least 0
 * @param endFactor the share it ends with, at least 0
 * @param totalIters the time it takes, at least 1; the whole training if left out. The rate stays at the end's after it
 */
public record Linear(
        @Default("1") double startFactor, @Default("0") double endFactor, OptionalLong totalIters) implements Schedule {

    /** Checks the ranges. */
    public Linear {
        ScheduleRanges.atLeastZero("start_factor", startFactor);
        ScheduleRanges.atLeastZero("end_factor", endFactor);
        if (totalIters.isPresent()) {
            ScheduleRanges.atLeastOne("total_iters", totalIters.getAsLong());
        }
    }

    @Override
    public double at(double base, long time, long total) {
        long length = totalIters.orElse(Math.max(1, total));
        return base * (startFactor + (endFactor - startFactor) * Math.min(time, length) / length);
    }
}
