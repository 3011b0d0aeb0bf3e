package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;

/**
 * A linear rise to the base rate, then half a cosine over the rest: {@link Warmup} before {@link Cosine}.
 *
 * @param warmup the length of the rise, at least 1
 * @param startFactor the share of the base rate it begins with, above 0 and at most 1
 * @param minLr the rate at the end
 */
public record WarmupCosine(
        long warmup,
        @Default("0.01") double startFactor,
        @Default("0") double minLr) implements Schedule {

    /** Checks the ranges. */
    public WarmupCosine {
        ScheduleRanges.atLeastOne("warmup", warmup);
        ScheduleRanges.share("start_factor", startFactor);
        ScheduleRanges.atLeastZero("min_lr", minLr);
    }

    @Override
    public double at(double base, long time, long total) {
        return whole().at(base, time, total);
    }

    @Override
    public double within(double base, long time, double share, long total, List<Double> watched) {
        return whole().within(base, time, share, total, watched);
    }

    private Warmup whole() {
        return new Warmup(warmup, startFactor, new Cosine(minLr));
    }
}
