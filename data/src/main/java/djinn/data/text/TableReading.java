package djinn.data.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import djinn.data.LeftOut;
import djinn.data.OnError;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One reading of a {@link TextTable}: lines become rows, are left out, or are refused. */
final class TableReading {

    private static final String BLANK = "blank line";

    private final Path file;
    private final List<String> columns;
    private final OnError onError;
    private final boolean isNumbered;
    private final List<TextTable.Row> rows = new ArrayList<>();
    private final List<LeftOut.Item> leftOut = new ArrayList<>();

    /** Where the columns are in a line, from 0 on; null before a first line has told it. */
    private int[] places;

    TableReading(Path file, List<String> columns, OnError onError) {
        this.file = file;
        this.columns = List.copyOf(columns);
        this.onError = onError;
        isNumbered = columns.stream().allMatch(column -> column.matches("[0-9]{1,9}"));
        places = isNumbered
                ? columns.stream()
                        .mapToInt(column -> Integer.parseInt(column) - 1)
                        .toArray()
                : null;
    }

    List<TextTable.Row> rows() {
        return rows;
    }

    LeftOut leftOut() {
        return new LeftOut(leftOut);
    }

    void tsv(String text) {
        lines(text, (line, content) -> add(line, List.of(content.split("\t", -1)), "tabs"));
    }

    void csv(String text) {
        try (CsvReader<CsvRecord> reader =
                CsvReader.builder().skipEmptyLines(false).ofCsvRecord(text)) {
            for (CsvRecord row : reader) {
                List<String> cells = row.getFields();
                if (cells.size() == 1 && cells.get(0).isBlank()) {
                    leaveOut(BLANK, row.getStartingLineNumber());
                } else {
                    add(row.getStartingLineNumber(), cells, "commas");
                }
            }
        } catch (CsvParseException e) {
            throw new DataException(file + ": not a CSV file: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
        }
        requireHeader();
    }

    void json(String text) {
        lines(text, (line, content) -> {
            JsonNode node;
            try {
                node = JsonMapper.shared().readTree(content);
            } catch (JacksonException e) {
                wrong(line, "non-JSON line", "expected JSON, " + e.getOriginalMessage());
                return;
            }
            if (isNumbered ? !node.isArray() : !node.isObject()) {
                wrong(
                        line,
                        "other JSON line",
                        "expected a JSON " + (isNumbered ? "array, as columns are numbers" : "object") + ", found "
                                + node.getNodeType());
                return;
            }
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                JsonNode cell = isNumbered ? node.path(places[i]) : node.path(columns.get(i));
                if (!cell.isValueNode() || cell.isNull()) {
                    wrong(
                            line,
                            "short line",
                            "expected a text as '" + columns.get(i) + "', found "
                                    + (cell.isMissingNode() ? "none" : cell.getNodeType()));
                    return;
                }
                cells.add(cell.asString());
            }
            addCells(line, cells);
        });
    }

    private interface LineReader {

        void read(long line, String content);
    }

    /** A line ends at a line feed, with or without a carriage return before it, and nowhere else. */
    private void lines(String text, LineReader reader) {
        long line = 0;
        for (int from = 0; from < text.length(); ) {
            int feed = text.indexOf('\n', from);
            int end = feed < 0 ? text.length() : feed;
            String content = text.substring(from, end > from && text.charAt(end - 1) == '\r' ? end - 1 : end);
            line++;
            if (content.isBlank()) {
                leaveOut(BLANK, line);
            } else {
                reader.read(line, content);
            }
            from = end + 1;
        }
        requireHeader();
    }

    private void requireHeader() {
        // of JSON, each line has its own names
        if (places == null
                && rows.isEmpty()
                && leftOut.stream().allMatch(item -> item.kind().equals(BLANK))) {
            throw new DataException(file + ": expected a line with the columns " + columns + ", found none");
        }
    }

    private void add(long line, List<String> all, String parted) {
        if (places == null) {
            places = placesIn(line, all, parted);
            return;
        }
        Optional<Integer> lacking = IntStream.range(0, places.length)
                .filter(i -> places[i] >= all.size())
                .boxed()
                .findFirst();
        if (lacking.isPresent()) {
            wrong(
                    line,
                    "short line",
                    "expected a column '" + columns.get(lacking.get()) + "', found " + all.size()
                            + (all.size() == 1 ? " column" : " columns") + " parted by " + parted);
            return;
        }
        addCells(line, IntStream.of(places).mapToObj(all::get).toList());
    }

    private void addCells(long line, List<String> written) {
        List<String> cells = written.stream().map(String::strip).toList();
        int empty = cells.indexOf("");
        if (empty >= 0) {
            wrong(
                    line,
                    "half-empty line",
                    "expected a text in the column '" + columns.get(empty) + "', found an empty one");
            return;
        }
        rows.add(new TextTable.Row(line, cells));
    }

    private int[] placesIn(long line, List<String> header, String parted) {
        List<String> names = header.stream().map(String::strip).toList();
        return columns.stream()
                .mapToInt(column -> {
                    int place = names.indexOf(column);
                    if (place < 0) {
                        throw new DataException(file + ":" + line + ": there is no column '" + column
                                + "' in the first line, "
                                + (names.size() > 1
                                        ? Nearest.suggestion(column, names, "the columns are ")
                                        : "expected names parted by " + parted)
                                + "; a file without names has its columns by numbers, from 1 on");
                    }
                    return place;
                })
                .toArray();
    }

    private void wrong(long line, String kind, String message) {
        if (onError == OnError.FAIL) {
            throw new DataException(file + ":" + line + ": " + message
                    + "; correct the line, or leave such lines out (on_error: skip)");
        }
        leaveOut(kind, line);
    }

    private void leaveOut(String kind, long line) {
        leftOut.add(new LeftOut.Item(kind, file + ":" + line));
    }
}
