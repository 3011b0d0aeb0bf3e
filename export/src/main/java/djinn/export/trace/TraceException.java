package djinn.export.trace;

/** A block did what a trace cannot hold; the message names the operation, the block and the line. */
public final class TraceException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * An error.
     *
     * @param message what was met, where, and what to do instead
     */
    public TraceException(String message) {
        super(message);
    }
}
