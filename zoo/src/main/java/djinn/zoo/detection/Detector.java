package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.ops.TracedArray;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.OptionalInt;

/**
 * A network that finds objects. It gives raw heads; how they become boxes is beside it, and selection outside. One that
 * looks again, at regions it proposed itself, has what both stages gave among its heads, and the regions.
 *
 * <p>As a block it gives the raw heads in training, and {@link #decode}'s boxes, scores and variances, if it has them, in
 * evaluation: so it is exported and used. One that is {@link Masked} gives what that says.
 */
public abstract class Detector extends NamedBlock {

    /**
     * Computes the raw heads.
     *
     * @param images (N, 3, H, W), H and W multiples of {@link #multiple()}, prepared as the network's page says
     * @param pass the pass
     * @return the heads, in the order of {@link #headNames()}
     */
    public abstract NDList forward(NDArray images, Pass pass);

    /**
     * Computes the raw heads where others have a say in which regions are looked at; a network of one stage proposes none.
     *
     * @param images as {@link #forward(NDArray, Pass)} takes them
     * @param regions chooses among those that the network proposes
     * @param pass the pass
     * @return the heads, in the order of {@link #headNames()}
     */
    public NDList forward(NDArray images, Regions regions, Pass pass) {
        return forward(images, pass);
    }

    /** Returns whether it looks at regions that others propose: they are a second input then, (R, 5), where it is a block. */
    public boolean takesRegions() {
        return false;
    }

    /** Returns the heads' names, as the reference's records have them. */
    public abstract List<String> headNames();

    /**
     * Turns heads into boxes, by operations that can be traced and exported.
     *
     * @param heads as {@link #forward(NDArray, Pass)} gives them
     * @param height H of the images
     * @param width W of the images
     * @return boxes and scores, owned by the heads' manager
     */
    public abstract Decoded decode(NDList heads, int height, int width);

    /**
     * Turns heads into what it gives as a block in evaluation: {@link Decoded#arrays}, or what {@link Masked} says.
     *
     * @param heads as {@link #forward(NDArray, Pass)} gives them
     * @param height H of the images
     * @param width W of the images
     * @param pass of an evaluation
     * @return owned by the heads' manager
     */
    public NDList answer(NDList heads, int height, int width, Pass pass) {
        return decode(heads, height, width).arrays();
    }

    /** Returns K; labels are 0 to K - 1. */
    public abstract int classes();

    /** Returns what heights and widths of images are multiples of. */
    public abstract int multiple();

    /** Returns the one height and width it takes; empty if it takes all multiples. */
    public OptionalInt onlySize() {
        return OptionalInt.empty();
    }

    /**
     * Returns whether it is traced, and so exported, with batches of any size. One that looks at regions, other numbers of
     * them in each image, is traced with one image at a time.
     */
    public boolean tracesBatches() {
        return true;
    }

    /**
     * Refuses several images in a trace of a detector that takes one at a time there.
     *
     * @param images (N, 3, H, W)
     * @throws IllegalArgumentException if there is another number of them, in a trace
     */
    protected final void requireOne(NDArray images) {
        long count = images.getShape().get(0);
        if (images instanceof TracedArray && !tracesBatches() && count != 1) {
            throw new IllegalArgumentException(
                    "expected one image in a trace of a detector that looks at regions, other"
                            + " numbers of them in each image, got " + count + "; export it with a batch of 1");
        }
    }

    /** Writes the anchors it was built with into its state, where weights brought others; of a state without, nothing. */
    public void restoreAnchors() {}

    /** Returns the thresholds of the reference, for images of any size. */
    protected abstract BoxSelection selection();

    /**
     * Tells over which of the boxes candidates are counted, where the reference does so level by level.
     *
     * @param height H of the images
     * @param width W of the images
     * @return how many boxes {@link #decode} gives of each level, in their order; empty for all as one level
     */
    public List<Integer> levels(int height, int width) {
        return List.of();
    }

    /**
     * Returns which boxes of an image are told, by the rule of the reference.
     *
     * @param height H of the images
     * @param width W of the images
     * @return for what {@link #decode} gives of images of that size
     */
    public final BoxSelection selection(int height, int width) {
        return selection().withLevels(levels(height, width));
    }

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        boolean areGiven = takesRegions() && inputs.size() == 2;
        if (inputs.size() != 1 && !areGiven) {
            throw new IllegalArgumentException(
                    "expected images as the one input of " + getClass().getSimpleName() + ", got " + inputs.size());
        }
        NDArray images = inputs.get(0);
        Regions given = areGiven ? Regions.given(inputs.get(1)) : Regions.PROPOSED;
        if (pass.training()) {
            return forward(images, given, pass);
        }
        Shape shape = images.getShape();
        NDList heads = forward(images, given.then(Regions.WITHOUT_MASKS), pass);
        return answer(heads, Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)), pass);
    }
}
