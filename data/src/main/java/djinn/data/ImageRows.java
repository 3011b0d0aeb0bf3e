package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Images that a file lists in rows, with a label and perhaps a part for each. */
final class ImageRows {

    /** What a row is for. */
    enum Part {
        UNSAID,
        TRAIN,
        VAL,
        TEST;

        /**
         * Reads the name of a part.
         *
         * @param written in upper or lower case; empty where nothing is said
         * @return empty if it is no such name
         */
        static Optional<Part> of(String written) {
            return switch (written.strip().toLowerCase(Locale.ROOT)) {
                case "" -> Optional.of(UNSAID);
                case "train", "training" -> Optional.of(TRAIN);
                case "val", "valid", "validation" -> Optional.of(VAL);
                case "test", "testing" -> Optional.of(TEST);
                default -> Optional.empty();
            };
        }
    }

    /**
     * One row.
     *
     * @param line the number of its line
     * @param file the image, relative to the root
     * @param label the class, in composed form
     * @param written the class as the file has it
     * @param part what the row is for
     */
    record Row(long line, String file, String label, String written, Part part) {

        Row(long line, String file, String written, Part part) {
            this(line, file, ClassName.of(written), written, part);
        }
    }

    private final Path list;
    private final List<Row> rows;
    private final String column;

    /**
     * Some rows.
     *
     * @param list the file, for messages
     * @param rows at least one
     * @param column what the file calls the place of the part, for messages: {@code column split}
     */
    ImageRows(Path list, List<Row> rows, String column) {
        this.list = list;
        this.rows = List.copyOf(rows);
        this.column = column;
    }

    /**
     * Makes both parts of the rows.
     *
     * @throws DataException if an image is not there, or one number is written in two ways
     */
    Splits splits(Path root, double valFraction, long splitSeed) {
        List<String> classes = classes();
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        List<Item> train = new ArrayList<>();
        List<Item> validation = new ArrayList<>();
        List<Item> test = new ArrayList<>();
        int unsaid = 0;
        for (Row row : rows) {
            Path file = root.resolve(row.file);
            if (!Files.isRegularFile(file)) {
                throw new DataException(list + ":" + row.line + ": there is no image " + file
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
        List<String> notes = new ArrayList<>(writtenInTwoWays());
        if (unsaid == rows.size()) {
            notes.add(Stratified.note(valFraction, "the rows, as there is no " + column));
            return Stratified.split(list.toString(), root, classes, train, valFraction, splitSeed, notes);
        }
        if (unsaid > 0) {
            notes.add(unsaid + " rows say nothing in the " + column + " and are taken for training");
        }
        if (validation.isEmpty() && !test.isEmpty()) {
            notes.add("validation images are the rows of the split test, as there is no val");
            validation = test;
        } else if (!test.isEmpty()) {
            notes.add("left out: " + test.size() + " rows of the split test, as there is val");
        }
        return new Splits(list.toString(), classes, new ImageList(root, train), new ImageList(root, validation), notes);
    }

    /** The numbers up to the largest where all labels are numbers; else the labels, sorted. */
    private List<String> classes() {
        Map<String, String> numbers = new HashMap<>();
        Set<String> labels = new TreeSet<>(ClassName.ORDER);
        rows.forEach(row -> labels.add(row.label));
        if (labels.stream().allMatch(label -> label.matches("\\d+"))) {
            for (Row row : rows) {
                String number = row.label.replaceFirst("^0+(?=\\d)", "");
                String first = numbers.putIfAbsent(number, row.label);
                if (first != null && !first.equals(row.label)) {
                    throw new DataException(list + ":" + row.line + ": the label '" + row.label
                            + "' is the same number as '" + first + "' before it; write it in one way, or as a name");
                }
            }
        }
        return LabelNames.classes(labels);
    }

    private List<String> writtenInTwoWays() {
        Map<String, Set<String>> ways = new LinkedHashMap<>();
        rows.forEach(
                row -> ways.computeIfAbsent(row.label, label -> new TreeSet<>()).add(row.written));
        return ways.keySet().stream()
                .filter(label -> ways.get(label).size() > 1)
                .map(label -> "the label " + label + " is written with its accents in different ways: it is one class")
                .toList();
    }
}
