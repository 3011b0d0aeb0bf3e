package djinn.training.optimizer;

/** Checks of settings, named as their recipe keys. */
final class Ranges {

    private Ranges() {}

    static void atLeastZero(String key, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected " + key + " of at least 0, got " + value);
        }
    }

    static void share(String key, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("expected " + key + " from 0 to below 1, got " + value);
        }
    }
}
