package djinn.training.schedule;

import djinn.ops.Default;
import java.util.List;

/**
 * How the learning rate moves: what a recipe's {@code schedule} names.
 *
 * <p>Time is counted in epochs or steps, as the recipe says; every length below is in that unit.
 */
public sealed interface Schedule {

    /**
     * Returns the learning rate at a time.
     *
     * @param base the optimizer's learning rate
     * @param time from 0 on
     * @param total the length of the training
     * @return the learning rate, at least 0
     */
    double at(double base, long time, long total);

    /** The base rate throughout. */
    record Constant() implements Schedule {
        @Override
        public double at(double base, long time, long total) {
            return base;
        }
    }

    /**
     * Multiplied by gamma every so often, as {@code StepLR}.
     *
     * @param stepSize the time between drops, at least 1
     * @param gamma the factor
     */
    record Step(long stepSize, @Default("0.1") double gamma) implements Schedule {

        /** Checks the ranges. */
        public Step {
            atLeastOne("step_size", stepSize);
            positive("gamma", gamma);
        }

        @Override
        public double at(double base, long time, long total) {
            return base * Math.pow(gamma, (double) Math.floorDiv(time, stepSize));
        }
    }

    /**
     * Multiplied by gamma at given times, as {@code MultiStepLR}.
     *
     * @param milestones the times, ascending
     * @param gamma the factor
     */
    record MultiStep(List<Long> milestones, @Default("0.1") double gamma) implements Schedule {

        /** Checks the ranges. */
        public MultiStep {
            milestones = List.copyOf(milestones);
            positive("gamma", gamma);
            if (!milestones.stream().sorted().toList().equals(milestones)) {
                throw new IllegalArgumentException("expected ascending milestones, got " + milestones);
            }
        }

        @Override
        public double at(double base, long time, long total) {
            return base
                    * Math.pow(gamma, (double)
                            milestones.stream().filter(m -> m <= time).count());
        }
    }

    /**
     * Half a cosine from the base rate to the least, as {@code CosineAnnealingLR} (Loshchilov and Hutter 2017).
     *
     * @param minLr the rate at the end
     */
    record Cosine(@Default("0") double minLr) implements Schedule {

        /** Checks the range. */
        public Cosine {
            atLeastZero("min_lr", minLr);
        }

        @Override
        public double at(double base, long time, long total) {
            return minLr + (base - minLr) * (1 + Math.cos(Math.PI * time / total)) / 2;
        }
    }

    /**
     * A linear rise to the base rate, then half a cosine over the rest.
     *
     * @param warmup the length of the rise
     * @param startFactor the share of the base rate it begins with, above 0 and at most 1
     * @param minLr the rate at the end
     */
    record WarmupCosine(
            long warmup,
            @Default("0.01") double startFactor,
            @Default("0") double minLr) implements Schedule {

        /** Checks the ranges. */
        public WarmupCosine {
            atLeastOne("warmup", warmup);
            positive("start_factor", startFactor);
            atLeastZero("min_lr", minLr);
        }

        @Override
        public double at(double base, long time, long total) {
            if (time < warmup) {
                return base * (startFactor + (1 - startFactor) * time / warmup);
            }
            return new Cosine(minLr).at(base, time - warmup, Math.max(1, total - warmup));
        }
    }

    private static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("expected " + key + " of at least 1, got " + value);
        }
    }

    private static void positive(String key, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException("expected " + key + " above 0 and at most 1, got " + value);
        }
    }

    private static void atLeastZero(String key, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " of at least 0, got " + value);
        }
    }
}
