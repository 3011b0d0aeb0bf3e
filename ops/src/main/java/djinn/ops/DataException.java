package djinn.ops;

/**
 * A file or a data set that cannot be used as it is: missing, damaged, of another kind, or not writable.
 *
 * <p>The message is one line that a user can act on: what was expected, what came, the likely fix. A caller's mistake
 * in code is an {@link IllegalArgumentException} instead.
 */
public class DataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message one line for the user
     */
    public DataException(String message) {
        super(message);
    }

    /**
     * Creates an exception.
     *
     * @param message one line for the user
     * @param cause what led to it
     */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
