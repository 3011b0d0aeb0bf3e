package djinn.training.exhibit;

/** Whether a model was right. */
public enum Verdict {
    /** It was. */
    RIGHT,
    /** It was not. */
    WRONG,
    /** There is no right or wrong. */
    NONE
}
