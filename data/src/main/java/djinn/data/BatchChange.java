package djinn.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** How one batch is mixed: drawn beside its images, and done once they are an array. */
public final class BatchChange {

    /** Images stay as they are, and labels stay labels. */
    static final BatchChange NONE = new BatchChange(new float[0], UnaryOperator.identity());

    private final float[] targets;
    private final UnaryOperator<NDArray> change;

    BatchChange(float[] targets, UnaryOperator<NDArray> change) {
        this.targets = targets;
        this.change = change;
    }

    /** Returns the distributions that take the labels' place, (N, K) row by row; empty where labels stay labels. */
    public float[] targets() {
        return targets.clone();
    }

    /**
     * Mixes the images.
     *
     * @param images (N, C, H, W), float32; may be written to
     * @return the mixed images
     */
    public NDArray apply(NDArray images) {
        return change.apply(images);
    }

    /** Returns the change that leaves a share of the mixed images, of a batch of so many. */
    BatchChange of(Share share, int count) {
        if (this == NONE) {
            return NONE;
        }
        int classes = targets.length / count;
        return new BatchChange(
                Arrays.copyOfRange(targets, share.from() * classes, share.to() * classes),
                images -> apply(images).get(new NDIndex("{}:{}", share.from(), share.to())));
    }
}
