package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * A vector for each index: (...) to (..., width).
 *
 * <p>State: {@code weight} (count, width). Starts standard normal, as {@code nn.Embedding}, unless told otherwise.
 */
public final class Embedding extends ArrayBlock {

    private final Parameter weight;

    /**
     * An embedding.
     *
     * @param count the number of vectors
     * @param width their length
     */
    public Embedding(int count, int width) {
        this(count, width, Initializers.normal(1));
    }

    /**
     * An embedding that starts in its own way.
     *
     * @param count the number of vectors
     * @param width their length
     * @param initializer fills the weight
     * @throws IllegalArgumentException if count or width is below 1
     */
    public Embedding(int count, int width, Initializer initializer) {
        if (count < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected a count and a width of at least 1, got " + count + " and " + width);
        }
        weight = parameter("weight", Parameter.Type.WEIGHT, initializer, count, width);
    }

    /**
     * Looks vectors up.
     *
     * @param indices from 0 to below the count, of any dtype and shape
     * @param pass the pass
     * @return the shape of indices, then the width
     * @throws ai.djl.engine.EngineException if an index is outside
     */
    @Override
    public NDArray forward(NDArray indices, Pass pass) {
        return indices.getNDArrayInternal()
                .embedding(indices.toType(DataType.INT64, false), pass.value(weight, indices), SparseFormat.DENSE)
                .singletonOrThrow();
    }

    /**
     * Compares with every vector: the logits of a model that shares its embedding (Press and Wolf 2017).
     *
     * @param x (..., width)
     * @param pass the pass
     * @return the dot products, (..., count)
     */
    public NDArray forwardLogits(NDArray x, Pass pass) {
        return forwardLogits(x, null, pass);
    }

    /**
     * Compares with every vector, and adds a number for each.
     *
     * @param x (..., width)
     * @param bias (count); null for none
     * @param pass the pass
     * @return the dot products and the bias, (..., count)
     */
    public NDArray forwardLogits(NDArray x, NDArray bias, Pass pass) {
        return Linear.linear(x, pass.value(weight, x), bias, pass);
    }
}
