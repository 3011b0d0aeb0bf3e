package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;
import java.util.Optional;

/**
 * A linear rise to the base rate, then another schedule over the rest of the training, its time counted from there.
 *
 * <p>A schedule that watches a figure sees the validations of the rise too.
 *
 * @param warmup the length of the rise, at least 1
 * @param startFactor the share of the base rate it begins with, above 0 and at most 1
 * @param then the schedule after it
 */
public record Warmup(
        long warmup,
        @Default("0.01") double startFactor,
        @Default("{name: constant}") Schedule then) implements Schedule {

    /** Checks the ranges. */
    public Warmup {
        ScheduleRanges.atLeastOne("warmup", warmup);
        ScheduleRanges.share("start_factor", startFactor);
    }

    @Override
    public double at(double base, long time, long total) {
        return at(base, time, total, List.of());
    }

    @Override
    public double at(double base, long time, long total, List<Double> watched) {
        return within(base, time, 0, total, watched);
    }

    @Override
    public double within(double base, long time, double share, long total, List<Double> watched) {
        if (time < warmup) {
            return base * (startFactor + (1 - startFactor) * (time + share) / warmup);
        }
        return then.within(base, time - warmup, share, Math.max(1, total - warmup), watched);
    }

    @Override
    public Optional<String> watches() {
        return then.watches();
    }
}
