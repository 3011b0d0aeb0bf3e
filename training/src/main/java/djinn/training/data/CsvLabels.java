package djinn.training.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import djinn.ops.DataException;
import djinn.training.data.ImageList.Item;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Images listed in a CSV file with the header {@code file,label} and, if wanted, {@code split} ({@code train} or {@code
 * val}).
 *
 * <p>Files are relative to the root. If every label is a whole number from 0 on, it is the index of its class; else the
 * sorted labels are the classes.
 */
public final class CsvLabels {

    private record Row(long line, String file, String label, String split) {}

    private CsvLabels() {}

    /**
     * Reads the list.
     *
     * @param csv the file
     * @param root the folder that file names start from
     * @param valFraction the share of each class held out where there is no split column
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the file is missing or malformed, or names an image that is not there
     */
    public static Splits read(Path csv, Path root, double valFraction, long splitSeed) {
        List<Row> rows = rows(csv);
        List<String> classes = classes(rows);
        List<Item> train = new ArrayList<>();
        List<Item> validation = new ArrayList<>();
        boolean split = false;
        for (Row row : rows) {
            Path file = root.resolve(row.file);
            if (!Files.isRegularFile(file)) {
                throw new DataException(csv + ":" + row.line + ": there is no image " + file
                        + "; files are relative to data.root, which is " + root);
            }
            Item item = new Item(file, classes.indexOf(row.label));
            switch (row.split) {
                case "", "train" -> train.add(item);
                case "val" -> validation.add(item);
                default ->
                    throw new DataException(
                            csv + ":" + row.line + ": expected split train or val, got '" + row.split + "'");
            }
            split |= !row.split.isEmpty();
        }
        if (!split) {
            return Stratified.split(csv.toString(), root, classes, train, valFraction, splitSeed);
        }
        return new Splits(csv.toString(), classes, new ImageList(root, train), new ImageList(root, validation));
    }

    private static List<Row> rows(Path csv) {
        if (!Files.isRegularFile(csv)) {
            throw new DataException(csv + ": expected a CSV file with the header file,label, found nothing there");
        }
        List<Row> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(csv)) {
            for (NamedCsvRecord record : reader) {
                long line = record.getStartingLineNumber();
                String file = field(csv, record, "file");
                String label = field(csv, record, "label");
                String split = record.findField("split").orElse("").strip().toLowerCase(Locale.ROOT);
                rows.add(new Row(line, file, label, split));
            }
        } catch (CsvParseException e) {
            throw new DataException(csv + ": not a CSV file: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(csv + ": cannot be read: " + e.getMessage(), e);
        }
        if (rows.isEmpty()) {
            throw new DataException(csv + ": expected a line per image below the header file,label, found none");
        }
        return rows;
    }

    private static String field(Path csv, NamedCsvRecord record, String name) {
        return record.findField(name)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> new DataException(csv + ":" + record.getStartingLineNumber()
                        + ": expected a value in the column '" + name + "'; the columns are " + record.getHeader()));
    }

    private static List<String> classes(List<Row> rows) {
        TreeSet<String> labels = new TreeSet<>();
        rows.forEach(row -> labels.add(row.label));
        if (labels.stream().allMatch(label -> label.matches("\\d{1,6}"))) {
            int last = labels.stream().mapToInt(Integer::parseInt).max().orElseThrow();
            return IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
        }
        return List.copyOf(labels);
    }
}
