package djinn.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Figures of every class.
 *
 * @param figures their names
 * @param rows one per class
 */
public record ClassTable(List<String> figures, List<Row> rows) {

    /**
     * The figures of a class.
     *
     * @param name the class
     * @param values one per figure: whole numbers, such as counts, or others
     */
    public record Row(String name, List<Number> values) {

        /** Copies the values. */
        public Row {
            values = List.copyOf(values);
        }
    }

    /** Checks that every class has all figures. */
    public ClassTable {
        figures = List.copyOf(figures);
        rows = List.copyOf(rows);
        for (Row row : rows) {
            if (row.values.size() != figures.size()) {
                throw new IllegalArgumentException(
                        "expected " + figures.size() + " figures of " + row.name + ", got " + row.values.size());
            }
        }
    }

    /** Returns a header and a line per class, figures with six digits after the point. */
    public String csv() {
        List<String> header = new ArrayList<>(List.of("class"));
        header.addAll(figures);
        return Csv.of(
                header,
                rows.stream()
                        .map(row -> Stream.concat(
                                        Stream.of(row.name), row.values.stream().map(value -> words(value, 6)))
                                .toList())
                        .toList());
    }

    /**
     * Writes a figure.
     *
     * @param value a whole number or another
     * @param digits how many come after the point of another
     */
    public static String words(Number value, int digits) {
        return value instanceof Long || value instanceof Integer
                ? value.toString()
                : String.format(Locale.ROOT, "%." + digits + "f", value.doubleValue());
    }
}
