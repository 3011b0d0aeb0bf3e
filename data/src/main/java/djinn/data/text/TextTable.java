package djinn.data.text;

import djinn.data.LeftOut;
import djinn.data.OnError;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Columns of a file of UTF-8 text, such as sentences beside their translations or their labels.
 *
 * <p>A column is a number, from 1 on, or a name: one of the first line, or a key of JSON objects. Where all are numbers,
 * the first line is a row like the others. Further columns are not looked at; blanks around a cell are no part of it.
 *
 * @param file where they are from
 * @param rows in the file's order
 * @param leftOut the lines that are no rows, such as blank ones
 */
public record TextTable(Path file, List<Row> rows, LeftOut leftOut) {

    /** How a file parts its columns. */
    public enum Format {
        /** A line a row, tabs between its cells, and no quotes. */
        TSV(".tsv .tab"),
        /** Commas between cells; those that hold a comma, a quote or a line feed are quoted (RFC 4180). */
        CSV(".csv"),
        /** A JSON object a line, or an array where columns are numbers. */
        JSON_LINES(".jsonl .ndjson");

        private final String endings;

        Format(String endings) {
            this.endings = endings;
        }

        private List<String> endings() {
            return List.of(endings.split(" ", -1));
        }

        /**
         * Returns the format that a file's name tells by its ending.
         *
         * @param file need not exist
         * @throws DataException if it tells none
         */
        public static Format of(Path file) {
            String name = file.toString().toLowerCase(Locale.ROOT);
            return Arrays.stream(values())
                    .filter(format -> format.endings().stream().anyMatch(name::endsWith))
                    .findFirst()
                    .orElseThrow(() -> new DataException(file + ": expected a name that ends in one of "
                            + Arrays.stream(values())
                                    .flatMap(format -> format.endings().stream())
                                    .collect(Collectors.joining(", "))
                            + "; rename it, or say which format it has"));
        }
    }

    /**
     * What is told of one thing.
     *
     * @param line where it begins, from 1 on
     * @param cells in the order in which the columns were asked for; none is empty
     */
    public record Row(long line, List<String> cells) {

        /** Copies the list. */
        public Row {
            cells = List.copyOf(cells);
        }

        /** Returns the cell of a column, counted from 0 on among those that were asked for. */
        public String cell(int column) {
            return cells.get(column);
        }
    }

    /** Copies the list. */
    public TextTable {
        rows = List.copyOf(rows);
    }

    /**
     * Reads a file.
     *
     * @param file of UTF-8 text
     * @param format how it parts columns; as its ending tells if left out
     * @param columns names, or numbers from 1 on
     * @param onError what becomes of a line that lacks a column, or has nothing in it; blank lines are always left out
     * @return its rows; there may be none
     * @throws DataException if the file is missing, not UTF-8 or not of the format, has no such column, or has a line as
     *     above that is not to be left out; the message has the line
     * @throws IllegalArgumentException if there are no columns, one is asked for twice, or is the number 0
     */
    public static TextTable read(Path file, Optional<Format> format, List<String> columns, OnError onError) {
        if (columns.isEmpty() || Set.copyOf(columns).size() < columns.size() || columns.contains("0")) {
            throw new IllegalArgumentException(
                    "expected columns, each once, by their names or their numbers from 1 on, got " + columns);
        }
        Format known = format.orElseGet(() -> Format.of(file));
        TableReading reading = new TableReading(file, columns, onError);
        String text = TextFile.read(file);
        switch (known) {
            case TSV -> reading.tsv(text);
            case CSV -> reading.csv(text);
            case JSON_LINES -> reading.json(text);
        }
        return new TextTable(file, reading.rows(), reading.leftOut());
    }
}
