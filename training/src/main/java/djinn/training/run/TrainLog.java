package djinn.training.run;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells a run in plain lines: a line per epoch, and one for whatever else happens. */
public final class TrainLog implements TrainingListener {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

    private final Consumer<String> lines;

    /**
     * A log.
     *
     * @param lines takes the lines
     */
    public TrainLog(Consumer<String> lines) {
        this.lines = lines;
    }

    /**
     * A log at the end of a file, each line with its time and zone.
     *
     * @param file where lines are added
     * @return the log
     */
    public static TrainLog to(Path file) {
        return new TrainLog(line -> append(file, line));
    }

    /**
     * Adds a line with its time to a file.
     *
     * @param file the file
     * @param line the line
     */
    public static void append(Path file, String line) {
        String stamped = now() + " " + line + "\n";
        try {
            Files.writeString(file, stamped, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /** Returns the time in the system's zone, as {@code 2026-01-31T12:00:00+01:00}. */
    public static String now() {
        return stamp(OffsetDateTime.now(ZoneId.systemDefault()));
    }

    /** Returns a time as {@link #now()} gives it. */
    public static String stamp(OffsetDateTime time) {
        return TIME.format(time);
    }

    @Override
    public void on(TrainingEvent event) {
        if (event instanceof TrainingEvent.Started started) {
            lines.accept(Lines.started(started));
        } else if (event instanceof TrainingEvent.EpochEnded ended) {
            lines.accept(Lines.epoch(ended));
        } else if (event instanceof TrainingEvent.Noted noted) {
            lines.accept(noted.message());
        } else if (event instanceof TrainingEvent.Warned warned) {
            lines.accept("warning: " + warned.message());
        } else if (event instanceof TrainingEvent.Ended ended) {
            lines.accept(Lines.ended(ended));
        }
    }
}
