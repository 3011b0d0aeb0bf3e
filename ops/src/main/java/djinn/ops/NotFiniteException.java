package djinn.ops;

/** Weights or answers with NaN or infinity where only numbers mean something. */
public final class NotFiniteException extends DataException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message one line for the user
     */
    public NotFiniteException(String message) {
        super(message);
    }
}
