package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Writes what TensorBoard reads: messages {@code Event} with a {@code Summary} each (tensorflow/core/util/event.proto,
 * core/framework/summary.proto), and the hyper-parameters of its HParams page
 * (tensorboard/plugins/hparams/plugin_data.proto). A run that goes on begins a file of its own with the mark by which
 * TensorBoard forgets the steps that are done again.
 */
final class TensorBoardTracker implements Tracker {

    /** The fields of {@code Event}. */
    private static final int WALL_TIME = 1;

    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    /** The fields of {@code Summary.Value}. */
    private static final int TAG = 1;

    private static final int SIMPLE_VALUE = 2;
    private static final int IMAGE = 4;
    private static final int HISTOGRAM = 5;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;

    private static final int STRINGS = 7;
    private static final int FLOATS = 1;
    private static final int SUCCESS = 1;

    private final TensorBoard settings;
    private final TrackedRun run;
    private final Path folder;
    private final List<String> notes = new ArrayList<>();
    private boolean noted;
    private EventFile file;

    TensorBoardTracker(TensorBoard settings, TrackedRun run) {
        this.settings = settings;
        this.run = run;
        folder = run.folder().resolve("tensorboard");
    }

    @Override
    public void begin(long step) {
        boolean goesOn = !EventFile.all(folder).isEmpty();
        file = EventFile.create(folder);
        file.write(new Message().real(WALL_TIME, now()).text(FILE_VERSION, "brain.Event:2"));
        if (goesOn) {
            long again = step == 0 ? 0 : step + 1;
            file.write(event(again).message(SESSION_LOG, new Message().whole(1, 1)));
        }
        if (!goesOn || step == 0) {
            beginParameters();
        }
        write(step, text("recipe", "```yaml\n" + run.recipe() + "```"));
    }

    /** TensorBoard keeps the first it reads of these, hence they are written once. */
    private void beginParameters() {
        Message experiment = new Message().real(3, now());
        Message start = new Message().real(5, now());
        run.parameters().forEach((name, value) -> {
            experiment.message(4, new Message().text(1, name).whole(4, ParameterValue.type(value)));
            start.message(1, new Message().text(1, name).message(2, ParameterValue.of(value)));
        });
        TreeSet<String> figures = new TreeSet<>(List.of("loss", run.goal().orElse("loss")));
        figures.forEach(figure -> experiment.message(
                5,
                new Message().message(1, new Message().text(2, "val/" + figure)).whole(5, 2)));
        write(0, parameters("experiment", 2, experiment));
        write(0, parameters("session_start_info", 3, start));
    }

    private static Message parameters(String name, int field, Message content) {
        Message data = new Message().whole(1, 0).message(field, content);
        Message empty = new Message().whole(1, FLOATS).message(2, new Message().message(2, new Message().whole(1, 0)));
        return new Message()
                .text(TAG, "_hparams_/" + name)
                .message(TENSOR, empty)
                .message(METADATA, new Message().message(1, plugin("hparams").bytes(2, data.toBytes())));
    }

    @Override
    public void scalars(long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach((name, value) ->
                summary.message(1, new Message().text(TAG, name).single(SIMPLE_VALUE, value.floatValue())));
        file.write(event(step).message(SUMMARY, summary));
        writeNotes(step);
    }

    @Override
    public void note(long step, String line) {
        notes.add(line);
        noted = true;
    }

    /** All at once: of texts of one name at one step, TensorBoard shows one. */
    private void writeNotes(long step) {
        if (noted) {
            write(step, text("notes", String.join("  \n", notes)));
            noted = false;
        }
    }

    private static Message text(String name, String markdown) {
        Message tensor = new Message()
                .whole(1, STRINGS)
                .message(2, new Message().message(2, new Message().whole(1, 1)))
                .text(8, markdown);
        return new Message()
                .text(TAG, name)
                .message(TENSOR, tensor)
                .message(METADATA, new Message().message(1, plugin("text")));
    }

    @Override
    public void picture(long step, String name, Path picture) {
        if (!settings.pictures()) {
            return;
        }
        byte[] png;
        try {
            png = Files.readAllBytes(picture);
        } catch (IOException e) {
            throw new DataException("cannot read " + picture + ": " + AtomicFile.reason(e), e);
        }
        // behind the signature and the head of the first chunk
        ByteBuffer size = ByteBuffer.wrap(png).position(16);
        int width = size.getInt();
        Message image = new Message()
                .whole(1, size.getInt())
                .whole(2, width)
                .whole(3, 3)
                .bytes(4, png);
        write(step, new Message().text(TAG, series(name)).message(IMAGE, image));
    }

    /** Pictures whose names differ in the number at their ends are one series. */
    static String series(String name) {
        return name.replaceFirst("\\.png$", "").replaceFirst("(?<=.)[-_]?\\d+$", "");
    }

    @Override
    public boolean wantsHistograms() {
        return settings.histograms();
    }

    @Override
    public void histogram(long step, String name, Histogram values) {
        Message histogram = new Message()
                .real(1, values.min())
                .real(2, values.max())
                .real(3, values.count())
                .real(4, values.sum())
                .real(5, values.sumOfSquares())
                .reals(6, values.limits())
                .reals(7, values.counts());
        write(step, new Message().text(TAG, name).message(HISTOGRAM, histogram));
    }

    @Override
    public void end(long step, Status status) {
        writeNotes(step);
        // the others may go on, and TensorBoard would keep showing the first status it reads
        if (status == Status.FINISHED) {
            write(
                    step,
                    parameters(
                            "session_end_info",
                            4,
                            new Message().whole(1, SUCCESS).real(2, now())));
        }
    }

    private void write(long step, Message value) {
        file.write(event(step).message(SUMMARY, new Message().message(1, value)));
    }

    private static Message event(long step) {
        return new Message().real(WALL_TIME, now()).whole(STEP, step);
    }

    private static Message plugin(String name) {
        return new Message().text(1, name);
    }

    private static double now() {
        return System.currentTimeMillis() / 1e3;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
