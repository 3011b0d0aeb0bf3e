package djinn.report;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The log of a run.
 *
 * @param lines all of it
 */
record RunLog(List<String> lines) {

    /** Copies the lines. */
    RunLog {
        lines = List.copyOf(lines);
    }

    /** Reads it; no lines if there is no such file. */
    static RunLog of(Path file) {
        if (!Files.isRegularFile(file)) {
            return new RunLog(List.of());
        }
        try {
            // whatever bytes a crash may have left
            return new RunLog(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    /** Returns how the run ended; empty if the log does not say that it did. */
    Optional<RunState> ending() {
        boolean isRefused = false;
        for (int i = lines.size() - 1; i >= 0; i--) {
            String told = message(lines.get(i));
            if (told.startsWith("refused: ")) {
                isRefused = true;
            } else if (isRefused && told.startsWith("command:")) {
                // what was refused changed nothing: the run is as it was before
                isRefused = false;
            } else if (told.startsWith("done at step")) {
                return Optional.of(RunState.FINISHED);
            } else if (told.startsWith("stopped early at step")) {
                return Optional.of(RunState.STOPPED_EARLY);
            } else if (told.startsWith("out of time")) {
                return Optional.of(RunState.OUT_OF_TIME);
            } else if (told.startsWith("interrupted")) {
                return Optional.of(RunState.INTERRUPTED);
            } else if (told.startsWith("failed: ")) {
                return Optional.of(RunState.FAILED);
            } else if (told.matches("(command:|training|resuming in|epoch) .*")) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Returns the time of the first line as it stands there; empty without one. */
    Optional<String> began() {
        return lines.stream().findFirst().map(RunLog::time);
    }

    private static String time(String line) {
        int blank = line.indexOf(' ');
        return blank < 0 ? line : line.substring(0, blank);
    }

    private static String message(String line) {
        int blank = line.indexOf(' ');
        return blank < 0 ? "" : line.substring(blank + 1);
    }
}
