package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A model that tells each value of an image by those before it: images (N, C, H, W) to logits (N, levels, C, H, W), of
 * which none depends on its own value or a later one.
 *
 * <p>The order is that of reading: rows from the top, in a row from the left, in a pixel the colours as they come. Images
 * are float32 within -1 to 1, of any size; level q of L stands for the value {@code 2 q / (L - 1) - 1}.
 *
 * <p>An image is drawn row by row without reading anew what is above: {@link #begin} gives what is remembered before the
 * first row, {@link #rowLogits} the logits of a row that may be known in part, {@link #nextRow} what is remembered once
 * it is whole. What is remembered is a list of arrays, images first, which nobody else looks into; none of them ever
 * changes.
 *
 * <p>As a DJL block it takes images and, where it has classes, their numbers (N), int64.
 */
public abstract class PixelModel extends NamedBlock implements Headed {

    static final String HEAD = "head";

    /** Returns C, the number of an image's colours. */
    public abstract int channels();

    /** Returns how many levels a value may have. */
    public abstract int levels();

    /** Returns how many classes it is told of; 0 if of none. */
    public abstract int classes();

    /**
     * Tells the values of whole images.
     *
     * @param images (N, C, H, W)
     * @param labels numbers of classes (N), int64; null where there are none
     * @param pass the pass
     * @return logits (N, levels, C, H, W)
     * @throws IllegalArgumentException if the images have other channels, or labels are missing or not asked for
     */
    public final NDArray forward(NDArray images, NDArray labels, Pass pass) {
        Shape shape = images.getShape();
        if (shape.dimension() != 4 || shape.get(1) != channels()) {
            throw new IllegalArgumentException("expected images (N, " + channels() + ", H, W), got " + shape);
        }
        requireLabels(labels);
        return logits(images, labels, pass);
    }

    abstract NDArray logits(NDArray images, NDArray labels, Pass pass);

    /**
     * Returns what is remembered before the first row.
     *
     * @param owner of the arrays
     * @param images N
     * @param width W of the images
     * @param labels numbers of classes (N), int64; null where there are none
     * @param pass the pass
     */
    public abstract NDList begin(NDManager owner, long images, long width, NDArray labels, Pass pass);

    /**
     * Tells the values of a row.
     *
     * @param row (N, C, 1, W); what has not been drawn yet may hold anything
     * @param above what is remembered of the rows above it
     * @param labels numbers of classes (N), int64; null where there are none
     * @param pass the pass
     * @return logits (N, levels, C, 1, W)
     */
    public abstract NDArray rowLogits(NDArray row, NDList above, NDArray labels, Pass pass);

    /**
     * Goes on to the next row.
     *
     * @param row (N, C, 1, W), whole
     * @param above what is remembered of the rows above it
     * @param labels numbers of classes (N), int64; null where there are none
     * @param pass the pass
     * @return what is remembered of the rows above the next one
     */
    public abstract NDList nextRow(NDArray row, NDList above, NDArray labels, Pass pass);

    private void requireLabels(NDArray labels) {
        if (labels == null && classes() > 0) {
            throw new IllegalArgumentException(
                    "expected the images' classes beside them, of which the model knows " + classes());
        }
        if (labels != null && classes() == 0) {
            throw new IllegalArgumentException("expected images alone: the model knows no classes");
        }
    }

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        int expected = classes() > 0 ? 2 : 1;
        if (inputs.size() != expected) {
            throw new IllegalArgumentException("expected images" + (expected == 2 ? " and their classes" : " alone")
                    + ", got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), expected == 2 ? inputs.get(1) : null, pass));
    }

    @Override
    public String head() {
        return HEAD + ".out";
    }

    /** The last rows of some, as many as given. */
    static NDArray last(NDArray rows, long count) {
        long all = rows.getShape().get(2);
        return rows.get(":, :, " + (all - count) + ":");
    }

    static NDArray zeros(NDManager owner, long... shape) {
        return owner.zeros(new Shape(shape));
    }
}
