package djinn.training.track;

import java.util.Map;
import java.util.Optional;

/** Something that a training is written to, as {@code train.log_to} of a recipe names it. */
public interface Tracking {

    /**
     * Checks before a run is made or goes on that it can be written to.
     *
     * @param environment variables and their values
     * @throws IllegalArgumentException if it cannot, with what was expected
     */
    default void require(Map<String, String> environment) {}

    /**
     * Begins to write.
     *
     * @param run what is written
     * @return who writes; empty if that is not needed
     * @throws djinn.ops.DataException if its files cannot be made
     */
    Optional<Tracker> open(TrackedRun run);
}
