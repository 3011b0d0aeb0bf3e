package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** A block from one array to one array: most layers, and most models. */
public abstract class ArrayBlock extends NamedBlock {

    /**
     * Computes the block's output.
     *
     * <p>A number is multiplied in by {@link djinn.ops.Scalars}: {@code NDArray.mul(Number)} and its like give wrong
     * gradients now and then.
     *
     * @param x the input
     * @param pass the pass it belongs to
     * @return the output, owned by the input's manager
     */
    public abstract NDArray forward(NDArray x, Pass pass);

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    "expected one input for " + getClass().getSimpleName() + ", got " + inputs.size());
        }
        return new NDList(forward(inputs.get(0), pass));
    }
}
