package djinn.losses;

import ai.djl.ndarray.NDArray;

/** A differentiable distance between what a model answers and what it should. */
public interface LossFunction {

    /**
     * Computes the loss.
     *
     * @param input what the model answers; the shape is the loss's own
     * @param target what it should
     * @return a scalar, or one value per element under {@link Reduction#NONE}, owned by the input's manager
     * @throws IllegalArgumentException if the shapes do not fit each other
     */
    NDArray apply(NDArray input, NDArray target);
}
