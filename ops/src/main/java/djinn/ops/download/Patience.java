package djinn.ops.download;

import java.time.Duration;

/**
 * How long a download waits.
 *
 * @param connection for a connection
 * @param answer for the beginning of an answer
 * @param bytes for the next bytes of it
 */
public record Patience(Duration connection, Duration answer, Duration bytes) {

    /** Half a minute for a connection, a minute for what follows. */
    public static final Patience USUAL =
            new Patience(Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(60));
}
