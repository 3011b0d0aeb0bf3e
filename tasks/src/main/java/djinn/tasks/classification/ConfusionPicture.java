package djinn.tasks.classification;

import djinn.data.MatrixPicture;
import djinn.data.MatrixPicture.Axis;
import djinn.metrics.ConfusionMatrix;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A confusion matrix as a picture: rows are true classes, and a cell is the darker, the larger its share of its row. Cells
 * without samples are empty.
 */
public final class ConfusionPicture {

    private ConfusionPicture() {}

    /** The counts, and what share of its row each is. */
    private static final class Counts implements MatrixPicture.Cells {

        private final ConfusionMatrix matrix;
        private final long[] rows;

        Counts(ConfusionMatrix matrix, int classes) {
            this.matrix = matrix;
            rows = IntStream.range(0, classes)
                    .mapToLong(label -> IntStream.range(0, classes)
                            .mapToLong(predicted -> matrix.count(label, predicted))
                            .sum())
                    .toArray();
        }

        @Override
        public double share(int row, int column) {
            long count = matrix.count(row, column);
            return count == 0 ? 0 : count / (double) rows[row];
        }

        @Override
        public String text(int row, int column) {
            return Long.toString(matrix.count(row, column));
        }

        @Override
        public String whole() {
            return "of the row";
        }
    }

    /**
     * Draws a confusion matrix.
     *
     * @param matrix the counts
     * @param classes the names
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(ConfusionMatrix matrix, List<String> classes, Path file) {
        String title = String.format(
                Locale.ROOT, "Confusion matrix: %.2f %% of %,d right", 100 * matrix.accuracy(), matrix.samples());
        draw(matrix, classes, title, file);
    }

    /**
     * Draws a confusion matrix.
     *
     * @param matrix the counts
     * @param classes the names
     * @param title above it
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(ConfusionMatrix matrix, List<String> classes, String title, Path file) {
        MatrixPicture.draw(
                title,
                new Axis("true", classes),
                new Axis("predicted", classes),
                new Counts(matrix, classes.size()),
                file);
    }
}
