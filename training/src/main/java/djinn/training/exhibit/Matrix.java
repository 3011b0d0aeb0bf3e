package djinn.training.exhibit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What was taken for what.
 *
 * @param title what it is called
 * @param note what it shows
 * @param names of the rows, which are the truth, and of the columns, which are the predictions
 * @param counts by row and column
 */
public record Matrix(String title, String note, List<String> names, List<List<Long>> counts) implements Exhibit {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if it is not square
     */
    public Matrix {
        names = List.copyOf(names);
        int size = names.size();
        if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
            throw new IllegalArgumentException("expected a row and a column for each of " + size + " names, got "
                    + counts.stream().map(List::size).toList());
        }
        List<List<Long>> copies = new ArrayList<>();
        counts.forEach(row -> copies.add(List.copyOf(row)));
        counts = Collections.unmodifiableList(copies);
    }
}
