package djinn.training.run;

import djinn.ops.DataException;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** Tells a run in plain lines: a line per epoch, and one for whatever else happens. */
public final class TrainLog implements TrainingListener {

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
     * A log at the end of a file, each line with its time.
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
        String stamped = LocalDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + line + "\n";
        try {
            Files.writeString(file, stamped, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + e.getMessage(), e);
        }
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
