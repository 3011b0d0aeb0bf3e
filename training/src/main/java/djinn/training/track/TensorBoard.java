package djinn.training.track;

import djinn.ops.Default;
import java.util.Optional;

/**
 * Event files for TensorBoard in the folder {@code tensorboard} of the run's.
 *
 * @param histograms whether the weights' spread is written after each epoch, in 64 buckets a parameter
 * @param pictures whether pictures of the run's folder are written whenever they are new
 */
public record TensorBoard(
        @Default("false") boolean histograms,
        @Default("true") boolean pictures) implements Tracking {

    @Override
    public Optional<Tracker> open(TrackedRun run) {
        return Optional.of(new TensorBoardTracker(this, run));
    }
}
