package djinn.training.run;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Keeps {@code results.csv}: a line per epoch, counted from 1.
 *
 * <p>The columns are {@code epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds}, then
 * the task's other figures. The file is written anew at each epoch, so that it is whole at any moment; a resumed run
 * drops the lines of epochs that are done again.
 */
public final class Results implements TrainingListener {

    private static final List<String> FIRST = List.of("loss", "accuracy");

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

    /**
     * Returns the epoch of the highest validation accuracy, and of those the one of the lowest loss, counted from 1;
     * empty if there is none.
     */
    public OptionalInt bestEpoch() {
        List<Double> accuracies = column("val_accuracy");
        List<Double> losses = column("val_loss");
        return IntStream.range(0, accuracies.size())
                .boxed()
                .max(Comparator.<Integer>comparingDouble(accuracies::get)
                        .thenComparing(
                                Comparator.<Integer>comparingDouble(losses::get).reversed())
                        .thenComparing(Comparator.reverseOrder()))
                .map(row -> OptionalInt.of(row + 1))
                .orElse(OptionalInt.empty());
    }

    private static List<String> header(TrainingEvent.EpochEnded event) {
        List<String> names = new ArrayList<>(List.of("epoch", "step", "lr"));
        FIRST.forEach(figure -> names.add("train_" + figure));
        FIRST.forEach(figure -> names.add("val_" + figure));
        names.addAll(List.of("images_per_s", "seconds"));
        others(event.train()).forEach(figure -> names.add("train_" + figure));
        others(event.validation()).forEach(figure -> names.add("val_" + figure));
        return names;
    }

    private static List<String> row(TrainingEvent.EpochEnded event) {
        List<String> values = new ArrayList<>();
        values.add(Integer.toString(event.epoch() + 1));
        values.add(Long.toString(event.step()));
        values.add(Double.toString(event.lr()));
        for (Map<String, Double> figures : List.of(event.train(), event.validation())) {
            FIRST.forEach(figure -> values.add(six(figures.get(figure))));
        }
        values.add(String.format(Locale.ROOT, "%.1f", event.imagesPerSecond()));
        values.add(String.format(Locale.ROOT, "%.3f", event.seconds()));
        for (Map<String, Double> figures : List.of(event.train(), event.validation())) {
            others(figures).forEach(figure -> values.add(six(figures.get(figure))));
        }
        return values;
    }

    private static List<String> others(Map<String, Double> figures) {
        return figures.keySet().stream().filter(name -> !FIRST.contains(name)).toList();
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
