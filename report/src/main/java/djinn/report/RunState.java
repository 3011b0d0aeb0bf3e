package djinn.report;

import com.fasterxml.jackson.annotation.JsonValue;

/** How a run stands, as far as its folder tells. */
public enum RunState {
    /** All epochs are done. */
    FINISHED("finished"),
    /** It did not get better for too long. */
    STOPPED_EARLY("stopped early"),
    /** The time that it was given is over. */
    OUT_OF_TIME("out of time"),
    /** It was asked to stop, and can go on. */
    INTERRUPTED("interrupted"),
    /** It ended with an error, such as a loss that was no number. */
    FAILED("failed"),
    /** Its log has no end, and its files changed a moment ago. */
    RUNNING("running?"),
    /** Its log has no end, and nothing changed for long: its process was ended from outside, or waits. */
    UNFINISHED("unfinished");

    private final String words;

    RunState(String words) {
        this.words = words;
    }

    /** Returns what a user reads; what is guessed has a question mark. */
    @JsonValue
    public String words() {
        return words;
    }

    /** Returns whether nothing more comes unless the run is started again. */
    boolean isOver() {
        return this != RUNNING && this != UNFINISHED;
    }
}
