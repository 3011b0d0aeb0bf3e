package djinn.training.schedule;

import djinn.ops.Default;

/**
 * Half a cosine again and again, as {@code CosineAnnealingWarmRestarts} (Loshchilov and Hutter 2017).
 *
 * @param period the length of the first half cosine, at least 1: T_0
 * @param periodFactor each is so many times longer than the one before, at least 1: T_mult
 * @param minLr the rate each comes down to
 */
public record CosineRestarts(
        long period,
        @Default("1") long periodFactor,
        @Default("0") double minLr) implements Schedule {

    /** Checks the ranges. */
    public CosineRestarts {
        ScheduleRanges.atLeastOne("period", period);
        ScheduleRanges.atLeastOne("period_factor", periodFactor);
        ScheduleRanges.atLeastZero("min_lr", minLr);
    }

    @Override
    public double at(double base, long time, long total) {
        long length = period;
        long since = time;
        if (periodFactor == 1) {
            since = time % period;
        }
        while (since >= length) {
            since -= length;
            length *= periodFactor;
        }
        return new Cosine(minLr).at(base, since, length);
    }
}
