package djinn.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import djinn.data.ImageRows.Part;
import djinn.data.ImageRows.Row;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
        return new ImageRows(csv, rows(csv), "column split").splits(root, valFraction, splitSeed);
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
                rows.add(new Row(record.getStartingLineNumber(), file, label, part(csv, record)));
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
        String split = record.findField("split").orElse("");
        return Part.of(split)
                .orElseThrow(() -> new DataException(
                        csv + ":" + record.getStartingLineNumber() + ": expected split train, val or test, got '"
                                + split.strip().toLowerCase(Locale.ROOT) + "'"));
    }
}
