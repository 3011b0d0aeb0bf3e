package djinn.training.track;

import java.io.IOException;

/** A server will never do what it is asked. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String code;

    RefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Returns whether what was asked for is not there. */
    boolean isMissing() {
        return code.equals("RESOURCE_DOES_NOT_EXIST");
    }

    /** Returns whether what was to be made is there. */
    boolean isThere() {
        return code.equals("RESOURCE_ALREADY_EXISTS");
    }
}
