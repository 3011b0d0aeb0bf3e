package djinn.training.run;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.Goal;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Keeps {@code results.csv}: a line per epoch, counted from 1.
 *
 * <p>The columns are {@code epoch,step,lr}, the first two of the task's figures as {@code train_...} and {@code val_...},
 * {@code images_per_s} or what else its examples are called, {@code seconds}, then the task's other figures. Of a
 * classifier: {@code epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds}. The file is written anew at each epoch, so that it is whole at any moment; a resumed run
 * drops the lines of epochs that are done again. An epoch that was not validated has nothing in the columns {@code val_...}.
 */
public final class Results implements TrainingListener {

    /** How many figures stand before the speed. */
    private static final int FIRST = 2;

    private static final String TRAIN = "train_";
    private static final String VALIDATION = "val_";

    private final Path file;
    private final List<List<String>> rows = new ArrayList<>();
    private List<String> header = List.of();

    /**
     * Results of a new or a resumed run.
     *
     * @param file where they are kept
     */
    public Results(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            read();
        }
    }

    @Override
    public void on(TrainingEvent event) {
        if (event instanceof TrainingEvent.Started started) {
            rows.removeIf(row -> Integer.parseInt(row.get(0)) > started.epoch());
        } else if (event instanceof TrainingEvent.EpochEnded ended) {
            header = header(ended);
            rows.add(row(ended));
            write();
        }
    }

    /** Returns the number of epochs. */
    public int size() {
        return rows.size();
    }

    /** Returns the headings of all columns, in their order. */
    public List<String> columns() {
        return List.copyOf(header);
    }

    /**
     * Returns a column.
     *
     * @param name its heading
     * @return one number per epoch, NaN where there was none; empty if there is no such column
     */
    public List<Double> column(String name) {
        int column = header.indexOf(name);
        return column < 0
                ? List.of()
                : rows.stream()
                        .map(row -> row.get(column).isEmpty() ? Double.NaN : Double.valueOf(row.get(column)))
                        .toList();
    }

    /** Returns the names of the figures that there are columns of, in their order, without {@code train_} and {@code val_}. */
    public List<String> figures() {
        return header.stream()
                .filter(column -> column.startsWith(TRAIN) || column.startsWith(VALIDATION))
                .map(column -> column.substring(column.indexOf('_') + 1))
                .distinct()
                .toList();
    }

    /**
     * Returns the best epoch, and of those as good the one of the lowest validation loss, counted from 1; empty if none
     * was validated.
     *
     * @param goal which figure tells
     */
    public OptionalInt bestEpoch(Goal goal) {
        if (goal.figure().isEmpty()) {
            return newest();
        }
        List<Double> reached = column(VALIDATION + goal.figure().get());
        List<Double> losses = column(VALIDATION + "loss");
        int best = -1;
        for (int row = 0; row < reached.size(); row++) {
            boolean lower = best >= 0
                    && reached.get(row).equals(reached.get(best))
                    && !losses.isEmpty()
                    && losses.get(row) < losses.get(best);
            if (!isValidated(row)) {
                continue;
            }
            if (best < 0 || goal.isBetter(reached.get(row), reached.get(best)) || lower) {
                best = row;
            }
        }
        return best < 0 ? OptionalInt.empty() : OptionalInt.of(best + 1);
    }

    /** The last epoch that was validated, counted from 1. */
    private OptionalInt newest() {
        for (int row = rows.size(); row > 0; row--) {
            if (isValidated(row - 1)) {
                return OptionalInt.of(row);
            }
        }
        return OptionalInt.empty();
    }

    private boolean isValidated(int row) {
        for (int column = 0; column < header.size(); column++) {
            if (header.get(column).startsWith(VALIDATION)
                    && !rows.get(row).get(column).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static List<String> header(TrainingEvent.EpochEnded event) {
        List<String> names = new ArrayList<>(List.of("epoch", "step", "lr"));
        first(event.train()).forEach(figure -> names.add(TRAIN + figure));
        first(ofValidation(event)).forEach(figure -> names.add(VALIDATION + figure));
        names.addAll(List.of(event.speed().examples() + "_per_s", "seconds"));
        others(event.train()).forEach(figure -> names.add(TRAIN + figure));
        others(ofValidation(event)).forEach(figure -> names.add(VALIDATION + figure));
        return names;
    }

    private static List<String> row(TrainingEvent.EpochEnded event) {
        List<String> values = new ArrayList<>();
        values.add(Integer.toString(event.epoch() + 1));
        values.add(Long.toString(event.step()));
        values.add(Double.toString(event.lr()));
        for (Map<String, Double> figures : List.of(event.train(), ofValidation(event))) {
            first(figures).forEach(figure -> values.add(six(figures.get(figure))));
        }
        values.add(String.format(Locale.ROOT, "%.1f", event.speed().perSecond()));
        values.add(String.format(Locale.ROOT, "%.3f", event.seconds()));
        for (Map<String, Double> figures : List.of(event.train(), ofValidation(event))) {
            others(figures).forEach(figure -> values.add(six(figures.get(figure))));
        }
        return values;
    }

    /** The figures of an epoch that was not validated are those of training, with nothing in their place. */
    private static Map<String, Double> ofValidation(TrainingEvent.EpochEnded event) {
        if (!event.validation().isEmpty()) {
            return event.validation();
        }
        Map<String, Double> nothing = new LinkedHashMap<>();
        event.train().keySet().forEach(figure -> nothing.put(figure, null));
        return nothing;
    }

    private static List<String> first(Map<String, Double> figures) {
        return figures.keySet().stream().limit(FIRST).toList();
    }

    private static List<String> others(Map<String, Double> figures) {
        return figures.keySet().stream().skip(FIRST).toList();
    }

    private static String six(Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.6f", value);
    }

    private void write() {
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder()
                .bufferSize(0)
                .lineDelimiter(LineDelimiter.LF)
                .build(text);
        csv.writeRecord(header);
        rows.forEach(csv::writeRecord);
        AtomicFile.writeText(file, text.toString());
    }

    private void read() {
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(file)) {
            csv.forEach(record -> {
                if (header.isEmpty()) {
                    header = record.getFields();
                } else {
                    rows.add(record.getFields());
                }
            });
        } catch (IOException | RuntimeException e) {
            throw new DataException(file + ": cannot be read as results: " + e.getMessage(), e);
        }
    }
}
