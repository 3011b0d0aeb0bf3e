package djinn.training.track;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes one training to one place. All is called on the trainer's thread, in this order: {@link #begin}, then anything
 * but it, at last {@link #end} unless the program was killed, and {@link #close}. Steps are counted from 1 on; no name
 * comes twice at a step, but after a run that was killed goes on from the step of its checkpoint.
 */
public interface Tracker extends AutoCloseable {

    /** How a training ended. */
    enum Status {
        /** All of it is done. */
        FINISHED,
        /** Somebody stopped it; it can go on. */
        INTERRUPTED,
        /** An error ended it. */
        FAILED
    }

    /**
     * The training begins or goes on.
     *
     * @param step the steps done before
     */
    void begin(long step);

    /**
     * Writes figures.
     *
     * @param step the steps done
     * @param values by their names, parts of which are parted by slashes; may be infinite or no numbers
     */
    void scalars(long step, Map<String, Double> values);

    /**
     * Writes a line about the training.
     *
     * @param step the steps done
     * @param line the line; a warning begins with {@code warning:}
     */
    void note(long step, String line);

    /**
     * Takes note of a picture that is new or has changed.
     *
     * @param step the steps done
     * @param name its path in the run's folder, parted by slashes
     * @param file where it lies, a PNG file
     */
    void picture(long step, String name, Path file);

    /** Returns whether it writes histograms: making them takes time. */
    default boolean wantsHistograms() {
        return false;
    }

    /**
     * Writes how values are spread; only where they are wanted.
     *
     * @param step the steps done
     * @param name of what they are
     * @param values the values
     */
    default void histogram(long step, String name, Histogram values) {}

    /**
     * The training is over.
     *
     * @param step the steps done
     * @param status how it ended
     */
    void end(long step, Status status);

    /** Returns what there is to tell since it was asked last, a line each; warnings begin with {@code warning:}. */
    default List<String> news() {
        return List.of();
    }

    /** Writes what is left to be written, in some seconds at most, and frees what it holds. */
    @Override
    void close();
}
