package djinn.training.track;

import java.io.IOException;

/** A server does not do what it is asked now, and may do so later. */
final class AwayException extends IOException {

    private static final long serialVersionUID = 1L;

    AwayException(String reason) {
        super(reason);
    }
}
