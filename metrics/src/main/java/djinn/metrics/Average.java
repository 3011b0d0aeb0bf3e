package djinn.metrics;

/** How figures of single classes become one. */
public enum Average {
    /** Every class counts the same. */
    MACRO,
    /** Every sample counts the same: hits and misses of all classes are summed first. */
    MICRO,
    /** Every class counts as often as it is a label. */
    WEIGHTED
}
