package djinn.training;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** How long a training took, over all of its sittings, and whether that is as long as it may. */
final class TrainingTime {

    private static final double NANOS = 1e9;

    private final Optional<Duration> most;
    private final LongSupplier nanos;
    private final long start;
    private double before;

    /**
     * Begins to count.
     *
     * @param most how long it may take; empty if as long as it does
     * @param nanos the time in nanoseconds since some moment, as {@link System#nanoTime}
     */
    TrainingTime(Optional<Duration> most, LongSupplier nanos) {
        this.most = most;
        this.nanos = nanos;
        start = nanos.getAsLong();
    }

    /** Counts the seconds of earlier sittings. */
    void add(double seconds) {
        before += seconds;
    }

    /** Returns the seconds of this sitting. */
    double here() {
        return (nanos.getAsLong() - start) / NANOS;
    }

    /** Returns the seconds of all sittings. */
    double all() {
        return before + here();
    }

    boolean isLimited() {
        return most.isPresent();
    }

    /** Returns whether it took as long as it may. */
    boolean isOver() {
        return left() <= 0;
    }

    /** Returns the seconds that are left; infinity if it may take as long as it does. */
    double left() {
        return most.map(limit -> limit.toNanos() / NANOS - all()).orElse(Double.POSITIVE_INFINITY);
    }
}
