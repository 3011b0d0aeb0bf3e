package djinn.training.schedule;

import djinn.ops.Default;
import java.util.OptionalLong;

/**
 * {@code base (1 - time / totalIters)^power}, as {@code PolynomialLR} and Caffe's {@code poly}.
 *
 * @param power above 0; 1 is a straight line
 * @param totalIters the time it takes, at least 1; the whole training if left out. The rate stays at the end's after it
 */
public record Polynomial(@Default("1") double power, OptionalLong totalIters) implements Schedule {

    /** Checks the ranges. */
    public Polynomial {
        ScheduleRanges.positive("power", power);
        if (totalIters.isPresent()) {
            ScheduleRanges.atLeastOne("total_iters", totalIters.getAsLong());
        }
    }

    @Override
    public double at(double base, long time, long total) {
        long length = totalIters.orElse(Math.max(1, total));
        return base * Math.pow(1 - (double) Math.min(time, length) / length, power);
    }
}
