package djinn.training;

import djinn.config.DurationText;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Train;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether a run is at its end, and which.
 *
 * @param train how long it is
 * @param progress how far it is
 * @param isTimeOver whether it took as long as it may
 */
record RunEnd(Train train, Progress progress, boolean isTimeOver, double seconds) {

    boolean isReached() {
        return isDone() || progress.stoppedEarly() || isTimeOver;
    }

    private boolean isDone() {
        return progress.epoch() >= train.lastEpoch();
    }

    /** Returns why a run ended that is at its end. */
    Ending ending() {
        if (progress.stoppedEarly()) {
            return Ending.STOPPED_EARLY;
        }
        return isDone() ? Ending.COMPLETED : Ending.TIME_OVER;
    }

    /** Says that nothing is left to train, and what would go on. */
    String told(Path run) {
        int epochs = train.epochs();
        String done = run + " is done: " + progress.epoch() + " of " + epochs + " epochs";
        return switch (ending()) {
            case STOPPED_EARLY ->
                done + ", none better for " + progress.epochsSinceBest() + "; --set train.patience="
                        + 2 * progress.epochsSinceBest() + " goes on";
            case TIME_OVER ->
                done + (progress.batch() > 0 ? " and a part of one" : "") + " in the " + limit()
                        + " of train.max_time; --set train.max_time="
                        + DurationText.of(more()) + " goes on";
            case COMPLETED, INTERRUPTED ->
                done + "; --set train.epochs=" + (epochs + Math.max(1, epochs / 5)) + " goes on";
        };
    }

    /** Says that an epoch ends in its middle. */
    String toldOfPart(int batches) {
        return "the " + limit() + " of train.max_time are over after batch " + progress.batch() + " of " + batches
                + " of epoch " + (progress.epoch() + 1) + ", which ends here; with more time it goes on";
    }

    /** Twice the time that it had, or that it took if a sitting before had more. */
    private Duration more() {
        long took = Math.max(train.maxTime().orElseThrow().toSeconds(), (long) Math.ceil(seconds));
        return Duration.ofSeconds(2 * Math.max(1, took));
    }

    private String limit() {
        return train.maxTime().map(DurationText::of).orElse("");
    }
}
