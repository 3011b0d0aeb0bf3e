package djinn.export.trace;

/** A script does what cannot be taken apart into operations; the message says what. */
final class ScriptException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ScriptException(String message) {
        super(message);
    }
}
