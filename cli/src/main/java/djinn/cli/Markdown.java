package djinn.cli;

import com.github.freva.asciitable.Column;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Tables for Markdown files; what stands in the first column is code. */
final class Markdown {

    private Markdown() {}

    /** Prints a table of columns that have headers. */
    static void table(PrintWriter out, Column[] columns, List<Object[]> rows) {
        out.print(line(Arrays.stream(columns).map(Column::getHeader).toArray()));
        out.print("|" + "---|".repeat(columns.length) + "\n");
        for (Object[] row : rows) {
            Object[] cells = row.clone();
            cells[0] = "`" + cells[0] + "`";
            out.print(line(cells));
        }
    }

    private static String line(Object... cells) {
        return Arrays.stream(cells)
                .map(cell -> cell.toString().replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
