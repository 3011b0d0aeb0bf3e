package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;
import java.util.Optional;

/**
 * Multiplied by a factor whenever a validation figure stops getting better, as {@code ReduceLROnPlateau}.
 *
 * <p>The rate follows from the figure's past values alone, so that these are all a run has to keep. Only validations
 * count, whatever the unit of time.
 *
 * @param metric the figure, such as {@code loss} or {@code accuracy}
 * @param mode whether it should fall or grow
 * @param factor the factor, above 0 and below 1
 * @param patience the validations without a better figure that are let pass, at least 0
 * @param threshold how much better counts, at least 0
 * @param thresholdMode whether that is a share of the best figure or a difference
 * @param cooldown the validations after a drop in which worse ones do not count, at least 0
 * @param minLr the least rate
 * @param eps a drop of at most this is not made
 */
public record Plateau(
        @Default("loss") String metric,
        @Default("min") Mode mode,
        @Default("0.1") double factor,
        @Default("10") int patience,
        @Default("1e-4") double threshold,
        @Default("rel") ThresholdMode thresholdMode,
        @Default("0") int cooldown,
        @Default("0") double minLr,
        @Default("1e-8") double eps)
        implements Schedule {

    /** What is better. */
    public enum Mode {
        /** Less. */
        MIN,
        /** More. */
        MAX
    }

    /** How a threshold is meant. */
    public enum ThresholdMode {
        /** As a share of the best figure. */
        REL,
        /** As a difference. */
        ABS
    }

    /** Checks the ranges. */
    public Plateau {
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException("expected factor above 0 and below 1, got " + factor);
        }
        ScheduleRanges.atLeastZero("patience", patience);
        ScheduleRanges.atLeastZero("threshold", threshold);
        ScheduleRanges.atLeastZero("cooldown", cooldown);
        ScheduleRanges.atLeastZero("min_lr", minLr);
        ScheduleRanges.atLeastZero("eps", eps);
    }

    @Override
    public double at(double base, long time, long total) {
        return at(base, time, total, List.of());
    }

    @Override
    public double at(double base, long time, long total, List<Double> watched) {
        double lr = base;
        double best = mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        int bad = 0;
        int cooling = 0;
        for (double value : watched) {
            if (isBetter(value, best)) {
                best = value;
                bad = 0;
            } else {
                bad++;
            }
            if (cooling > 0) {
                cooling--;
                bad = 0;
            }
            if (bad > patience) {
                double lower = Math.max(lr * factor, minLr);
                lr = lr - lower > eps ? lower : lr;
                cooling = cooldown;
                bad = 0;
            }
        }
        return lr;
    }

    @Override
    public Optional<String> watches() {
        return Optional.of(metric);
    }

    private boolean isBetter(double value, double best) {
        double margin = thresholdMode == ThresholdMode.REL && Double.isFinite(best) ? threshold * best : threshold;
        return mode == Mode.MIN ? value < best - margin : value > best + margin;
    }
}
