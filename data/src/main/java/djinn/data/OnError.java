package djinn.data;

/** What becomes of an image that cannot be read. */
public enum OnError {
    /** The run stops with an error that names it. */
    FAIL,
    /** It is left out of its batch, counted and named. */
    SKIP
}
