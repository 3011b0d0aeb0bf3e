package djinn.tasks.exhibit;

import djinn.metrics.ConfusionMatrix;
import djinn.training.ClassTable;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What was taken for what, and the figures of every class. */
public final class Confusions {

    /** A matrix of more classes cannot be read. */
    private static final int MOST_CLASSES = 100;

    private static final int MOST_PAIRS = 20;

    private Confusions() {}

    private record Taken(int label, int predicted, long count) {}

    /**
     * Returns a matrix as it is shown: itself; of more than 100 classes the confusions that come most often in its place,
     * where there are some.
     *
     * @param matrix the counts
     * @param names of its classes
     * @param title what the matrix is called
     * @param note what it shows
     */
    public static List<Exhibit> of(ConfusionMatrix matrix, List<String> names, String title, String note) {
        if (names.size() <= MOST_CLASSES) {
            return List.of(new Matrix(
                    title,
                    note,
                    names,
                    IntStream.range(0, names.size())
                            .mapToObj(label -> counts(matrix, label).boxed().toList())
                            .toList()));
        }
        List<Taken> pairs = IntStream.range(0, names.size())
                .boxed()
                .flatMap(label -> taken(matrix, label))
                .sorted(Comparator.comparingLong(pair -> -pair.count))
                .toList();
        return pairs.isEmpty() ? List.of() : List.of(mostFrequent(matrix, names, title, note, pairs));
    }

    private static LongStream counts(ConfusionMatrix matrix, int label) {
        return IntStream.range(0, matrix.classes()).mapToLong(predicted -> matrix.count(label, predicted));
    }

    private static Stream<Taken> taken(ConfusionMatrix matrix, int label) {
        return IntStream.range(0, matrix.classes())
                .filter(predicted -> predicted != label && matrix.count(label, predicted) > 0)
                .mapToObj(predicted -> new Taken(label, predicted, matrix.count(label, predicted)));
    }

    private static Table mostFrequent(
            ConfusionMatrix matrix, List<String> names, String title, String note, List<Taken> pairs) {
        List<List<Object>> rows = new ArrayList<>();
        for (Taken pair : pairs.subList(0, Math.min(MOST_PAIRS, pairs.size()))) {
            rows.add(List.of(
                    names.get(pair.label),
                    names.get(pair.predicted),
                    pair.count,
                    (double) pair.count / counts(matrix, pair.label).sum()));
        }
        String shown = pairs.size() > MOST_PAIRS
                ? "The " + MOST_PAIRS + " most frequent of " + pairs.size() + " confusions"
                : "All confusions, the most frequent first";
        return new Table(
                title + ": most frequent",
                shown + "; a matrix of " + names.size() + " classes could not be read. " + note,
                List.of("true", "taken for", "count", "share of the row"),
                rows);
    }

    /**
     * Returns the figures of every class.
     *
     * @param classes the figures
     * @param note what they are of
     */
    public static Table perClass(ClassTable classes, String note) {
        List<String> columns = new ArrayList<>(List.of("class"));
        columns.addAll(classes.figures());
        List<List<Object>> rows = new ArrayList<>();
        for (ClassTable.Row row : classes.rows()) {
            List<Object> cells = new ArrayList<>(List.of(row.name()));
            cells.addAll(row.values());
            rows.add(cells);
        }
        return new Table("Classes", note, columns, rows);
    }
}
