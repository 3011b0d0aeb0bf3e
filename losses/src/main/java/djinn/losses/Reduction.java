package djinn.losses;

/** How the losses of single elements become the loss of a batch. */
public enum Reduction {
    /** One value per element. */
    NONE(0),
    /** Their mean; weighted where the loss has weights. */
    MEAN(1),
    /** Their sum. */
    SUM(2);

    private final int code;

    Reduction(int code) {
        this.code = code;
    }

    /** Returns the engine's number of the reduction. */
    int code() {
        return code;
    }
}
