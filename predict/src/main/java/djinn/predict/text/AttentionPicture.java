package djinn.predict.text;

import djinn.data.MatrixPicture;
import djinn.data.MatrixPicture.Axis;
import java.nio.file.Path;
import java.util.List;

/**
 * What a translator looked at as a picture: rows are the tokens that were made, columns those that were read, and a cell is
 * the darker, the larger its weight (Bahdanau et al. 2015, figure 3).
 */
public final class AttentionPicture {

    private AttentionPicture() {}

    /**
     * Draws attention weights.
     *
     * @param source the S tokens that were read
     * @param target the L tokens that were made
     * @param weights (L, S) row by row, each from 0 to 1; a row sums up to 1
     * @param file a PNG file, which is replaced when it is complete
     * @throws IllegalArgumentException if there are no tokens, not L S weights, or one is outside
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void draw(List<String> source, List<String> target, float[] weights, Path file) {
        if (source.isEmpty() || target.isEmpty() || weights.length != source.size() * target.size()) {
            throw new IllegalArgumentException("expected tokens and a weight for each pair of them, got "
                    + source.size() + " read, " + target.size() + " made and " + weights.length + " weights");
        }
        float[] own = weights.clone();
        for (float weight : own) {
            // rounding may bring a sum of heads a little above
            if (!(weight >= 0 && weight < 1 + 1e-3)) {
                throw new IllegalArgumentException("expected weights from 0 to 1, got " + weight);
            }
        }
        MatrixPicture.draw(
                "Attention", new Axis("made", target), new Axis("read", source), new Weights(own, source.size()), file);
    }

    /** The weights, row by row. */
    private static final class Weights implements MatrixPicture.Cells {

        private final float[] weights;
        private final int columns;

        Weights(float[] weights, int columns) {
            this.weights = weights;
            this.columns = columns;
        }

        @Override
        public double share(int row, int column) {
            return Math.min(1, weights[row * columns + column]);
        }

        @Override
        public String whole() {
            return "of the row";
        }
    }
}
