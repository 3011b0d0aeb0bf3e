package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.ShortDecimal;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes {@code metrics.jsonl}: each line has {@code time}, {@code event} and {@code step}. A run that goes on drops the
 * lines of steps that are done again.
 */
final class JsonLinesTracker implements Tracker {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STEP = "step";

    private final TrackedRun run;
    private final Path file;
    private BufferedWriter out;

    JsonLinesTracker(TrackedRun run) {
        this.run = run;
        file = run.folder().resolve("metrics.jsonl");
    }

    @Override
    public void begin(long step) {
        try {
            if (Files.exists(file)) {
                dropAfter(step);
            }
            out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw unwritable(e);
        }
        ObjectNode line = line("begin", step).put("run", run.name());
        run.parameters().forEach(line.putObject("parameters")::put);
        write(line);
    }

    /** Also drops half a line at the end, and what is no line of this file. */
    private void dropAfter(long step) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            AtomicFile.write(file, channel -> {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (stepOf(line) <= step) {
                        channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
                    }
                }
            });
        }
    }

    private static long stepOf(String line) {
        try {
            return JSON.readTree(line).path(STEP).asLong(Long.MAX_VALUE);
        } catch (JacksonException e) {
            return Long.MAX_VALUE;
        }
    }

    @Override
    public void scalars(long step, Map<String, Double> values) {
        ObjectNode line = line("scalars", step);
        ObjectNode told = line.putObject("values");
        values.forEach((name, value) -> {
            if (ShortDecimal.of(value) instanceof Float narrow) {
                told.put(name, narrow);
            } else {
                told.put(name, value);
            }
        });
        write(line);
    }

    @Override
    public void note(long step, String text) {
        write(line("note", step).put("text", text));
    }

    @Override
    public void picture(long step, String name, Path picture) {
        write(line("picture", step).put("file", name));
    }

    @Override
    public void end(long step, Status status) {
        write(line("end", step).put("status", status.name().toLowerCase(Locale.ROOT)));
    }

    private static ObjectNode line(String event, long step) {
        return JSON.createObjectNode()
                .put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("event", event)
                .put(STEP, step);
    }

    private void write(ObjectNode line) {
        try {
            out.write(line + "\n");
            out.flush();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private DataException unwritable(IOException e) {
        return new DataException("cannot write " + file + ": " + AtomicFile.reason(e), e);
    }

    @Override
    public void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }
}
