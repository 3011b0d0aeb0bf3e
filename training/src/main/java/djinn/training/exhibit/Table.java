package djinn.training.exhibit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Rows of figures.
 *
 * @param title what it is called
 * @param note what it shows
 * @param columns their names; the first is that of what a row is about
 * @param rows as many cells as columns: text, whole numbers, or doubles; a NaN is a figure that is not defined
 */
public record Table(String title, String note, List<String> columns, List<List<Object>> rows) implements Exhibit {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a row has another number of cells
     */
    public Table {
        columns = List.copyOf(columns);
        List<List<Object>> copies = new ArrayList<>();
        for (List<Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "expected " + columns.size() + " cells, those of " + columns + ", got " + row.size());
            }
            copies.add(List.copyOf(row));
        }
        rows = Collections.unmodifiableList(copies);
    }
}
