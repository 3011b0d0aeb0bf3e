package djinn.training.track;

import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param request until one answers; files take longer, in proportion to their size
 * @param firstPause after a failure; twice as long after each further one
 * @param longestPause at most
 * @param end how long the end of a training waits for what is still to be sent
 */
record MlflowPace(Duration request, Duration firstPause, Duration longestPause, Duration end) {

    static final MlflowPace USUAL = new MlflowPace(
            Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(10));
}
