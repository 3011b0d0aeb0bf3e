package djinn.zoo.weights;

import java.util.regex.Pattern;

/** Which weights are taken where a file has both: those of the last step, and their moving average over the steps. */
public enum Preference {
    /** The moving average. */
    EMA,
    /** Those of the last step. */
    PLAIN;

    private static final Pattern AVERAGE =
            Pattern.compile("(?i)(^|[._])(ema|swa|averaged?|averaged_model)($|[._])|shadow");

    /** Tells whether weights under this name, or behind this prefix, are averaged. */
    static Preference of(String name) {
        return AVERAGE.matcher(name).find() ? EMA : PLAIN;
    }

    /** Returns the other one. */
    Preference other() {
        return this == EMA ? PLAIN : EMA;
    }

    /** Returns a line about what was taken of two. */
    String note(String taken, String left) {
        return this == EMA
                ? "the averaged weights (EMA) under '" + taken + "' are taken; --prefer plain takes those under '"
                        + left + "'"
                : "the plain weights under '" + taken + "' are taken, not the averaged ones (EMA) under '" + left + "'";
    }
}
