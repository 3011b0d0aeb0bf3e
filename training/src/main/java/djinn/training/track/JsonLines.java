package djinn.training.track;

import java.util.Optional;

/** The file {@code metrics.jsonl} in the run's folder: a line of JSON for whatever happens. */
public record JsonLines() implements Tracking {

    @Override
    public Optional<Tracker> open(TrackedRun run) {
        return Optional.of(new JsonLinesTracker(run));
    }
}
