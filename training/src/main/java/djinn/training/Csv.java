package djinn.training;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.StringWriter;
import java.util.List;

/** Tables as text: cells are parted by commas, and quoted where they must be. */
public final class Csv {

    private Csv() {}

    /**
     * Writes a table.
     *
     * @param header the names of the columns
     * @param rows the cells
     * @return a line for the header and for each row
     */
    public static String of(List<String> header, List<List<String>> rows) {
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder()
                .bufferSize(0)
                .lineDelimiter(LineDelimiter.LF)
                .build(text);
        csv.writeRecord(header);
        rows.forEach(csv::writeRecord);
        return text.toString();
    }
}
