package djinn.training.schedule;

/** Checks of settings, named as their recipe keys. */
final class ScheduleRanges {

    private ScheduleRanges() {}

    static void atLeastOne(String key, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("expected " + key + " of at least 1, got " + value);
        }
    }

    /** Checks a share that cannot be zero. */
    static void share(String key, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException("expected " + key + " above 0 and at most 1, got " + value);
        }
    }

    static void positive(String key, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " above 0, got " + value);
        }
    }

    static void atLeastZero(String key, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " of at least 0, got " + value);
        }
    }
}
