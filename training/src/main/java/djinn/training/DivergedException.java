package djinn.training;

/** The loss is no longer a finite number; the last checkpoint is from before. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message one line for the user
     */
    public DivergedException(String message) {
        super(message);
    }
}
