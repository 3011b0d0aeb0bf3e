package djinn.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Images listed in a CSV file of UTF-8 text with the header {@code file,label} and, if wanted, {@code split}: {@code
 * train} or {@code val}. {@code valid} and {@code validation} mean {@code val}, and {@code test} does where there is no
 * {@code val}.
 *
 * <p>Files are relative to the root. If every label is a whole number from 0 on, it is the index of its class; else the
 * sorted labels are the classes. Numbers with leading zeros, such as 01, are names. Names are compared in Unicode's
 * composed form (NFC).
 */
public final class CsvLabels {

    /** What a row is for. */
    private enum Part {
        UNSAID,
        TRAIN,
        VAL,
        TEST
    }

    /** The label is in composed form; written says how the file has it. */
    private record Row(long line, String file, String label, String written, Part part) {}

    private CsvLabels() {}

    /**
     * Reads the list.
     *
     * @param csv the file
     * @param root the folder that file names start from
     * @param valFraction the share of each class held out where there is no split column
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the file is missing, malformed or not UTF-8, names an image that is not there, or writes
     *     one number in two ways
     */
    public static Splits read(Path csv, Path root, double valFraction, long splitSeed) {
        List<Row> rows = rows(csv);
        List<String> classes = classes(csv, rows);
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        List<Item> train = new ArrayList<>();
        List<Item> validation = new ArrayList<>();
        List<Item> test = new ArrayList<>();
        int unsaid = 0;
        for (Row row : rows) {
            Path file = root.resolve(row.file);
            if (!Files.isRegularFile(file)) {
                throw new DataException(csv + ":" + row.line + ": there is no image " + file
                        + "; files are relative to data.root, which is " + root);
            }
            Item item = new Item(file, labels.get(row.label));
            switch (row.part) {
                case UNSAID, TRAIN -> train.add(item);
                case VAL -> validation.add(item);
                case TEST -> test.add(item);
            }
            unsaid += row.part == Part.UNSAID ? 1 : 0;
        }
        List<String> notes = new ArrayList<>(writtenInTwoWays(rows));
        if (unsaid == rows.size()) {
            notes.add(Stratified.note(valFraction, "the rows, as there is no column split"));
            return Stratified.split(csv.toString(), root, classes, train, valFraction, splitSeed, notes);
        }
        if (unsaid > 0) {
            notes.add(unsaid + " rows say nothing in the column split and are taken for training");
        }
        if (validation.isEmpty() && !test.isEmpty()) {
            notes.add("validation images are the rows of the split test, as there is no val");
            validation = test;
        } else if (!test.isEmpty()) {
            notes.add("left out: " + test.size() + " rows of the split test, as there is val");
        }
        return new Splits(csv.toString(), classes, new ImageList(root, train), new ImageList(root, validation), notes);
    }

    private static List<Row> rows(Path csv) {
        if (!Files.isRegularFile(csv)) {
            throw new DataException(csv + ": expected a CSV file with the header file,label, found nothing there");
        }
        List<Row> rows = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(TextFile.read(csv))) {
            for (NamedCsvRecord record : reader) {
                String file = field(csv, record, "file");
                String label = field(csv, record, "label");
                rows.add(new Row(record.getStartingLineNumber(), file, ClassName.of(label), label, part(csv, record)));
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
                        + ": expected a value in the column '" + name + "'; the columns are " + record.getHeader()
                        + (record.getHeader().size() == 1 ? "; expected commas between them" : "")));
    }

    private static Part part(Path csv, NamedCsvRecord record) {
        String split = record.findField("split").orElse("").strip().toLowerCase(Locale.ROOT);
        return switch (split) {
            case "" -> Part.UNSAID;
            case "train", "training" -> Part.TRAIN;
            case "val", "valid", "validation" -> Part.VAL;
            case "test", "testing" -> Part.TEST;
            default ->
                throw new DataException(csv + ":" + record.getStartingLineNumber()
                        + ": expected split train, val or test, got '" + split + "'");
        };
    }

    private static List<String> classes(Path csv, List<Row> rows) {
        Set<String> labels = new TreeSet<>(ClassName.ORDER);
        rows.forEach(row -> labels.add(row.label));
        if (!labels.stream().allMatch(label -> label.matches("\\d+"))) {
            return List.copyOf(labels);
        }
        Map<String, String> numbers = new HashMap<>();
        for (Row row : rows) {
            String number = row.label.replaceFirst("^0+(?=\\d)", "");
            String first = numbers.putIfAbsent(number, row.label);
            if (first != null && !first.equals(row.label)) {
                throw new DataException(csv + ":" + row.line + ": the label '" + row.label + "' is the same number as '"
                        + first + "' before it; write it in one way, or as a name");
            }
        }
        if (labels.stream().anyMatch(label -> label.length() > 6 || label.matches("0\\d+"))) {
            return List.copyOf(labels);
        }
        int last = labels.stream().mapToInt(Integer::parseInt).max().orElseThrow();
        return IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
    }

    private static List<String> writtenInTwoWays(List<Row> rows) {
        Map<String, Set<String>> ways = new LinkedHashMap<>();
        rows.forEach(
                row -> ways.computeIfAbsent(row.label, label -> new TreeSet<>()).add(row.written));
        return ways.keySet().stream()
                .filter(label -> ways.get(label).size() > 1)
                .map(label -> "the label " + label + " is written with its accents in different ways: it is one class")
                .toList();
    }
}
