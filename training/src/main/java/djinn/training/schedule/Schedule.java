package djinn.training.schedule;

import java.util.List;
import java.util.Optional;

/**
 * How the learning rate moves: what a recipe's {@code schedule} names.
 *
 * <p>Time is counted in epochs or steps, as the recipe says; every length of a schedule is in that unit. A rise at the
 * start is taken in steps either way.
 */
public sealed interface Schedule
        permits Constant,
                Step,
                MultiStep,
                Exponential,
                Linear,
                Polynomial,
                Inverse,
                Sigmoid,
                Cosine,
                CosineRestarts,
                OneCycle,
                Noam,
                Plateau,
                Warmup,
                WarmupCosine {

    /**
     * Returns the learning rate at a time, before anything was validated.
     *
     * @param base the optimizer's learning rate
     * @param time from 0 on
     * @param total the length of the training
     * @return the learning rate, at least 0
     */
    double at(double base, long time, long total);

    /**
     * Returns the learning rate at a time.
     *
     * @param base the optimizer's learning rate
     * @param time from 0 on
     * @param total the length of the training
     * @param watched what the figure named by {@link #watches()} was at each validation so far, oldest first
     * @return the learning rate, at least 0
     */
    default double at(double base, long time, long total, List<Double> watched) {
        return at(base, time, total);
    }

    /**
     * Returns the learning rate within an epoch, where time is counted in epochs: a rise from a low rate goes on from
     * step to step, so that no whole epoch is spent at its start, and all else waits for the next epoch.
     *
     * @param base the optimizer's learning rate
     * @param time the epoch, from 0 on
     * @param share of the epoch that is over, from 0 to below 1
     * @param total the length of the training
     * @param watched as for {@link #at(double, long, long, List)}
     * @return the learning rate, at least 0
     */
    default double within(double base, long time, double share, long total, List<Double> watched) {
        return at(base, time, total, watched);
    }

    /** Returns the validation figure that moves the rate; empty if time alone does. */
    default Optional<String> watches() {
        return Optional.empty();
    }
}
