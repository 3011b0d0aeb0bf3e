package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * Normalisation over the last axes (Ba et al. 2016); the shape stays.
 *
 * <p>State: {@code weight} and {@code bias} in the normalised axes' shape.
 */
public final class LayerNorm extends ArrayBlock {

    private final Shape normalized;
    private final float eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A layer norm.
     *
     * @param eps added to the variance; PyTorch's default is 1e-5
     * @param normalized the last extents of the input
     */
    public LayerNorm(double eps, long... normalized) {
        this.normalized = new Shape(normalized);
        this.eps = (float) eps;
        weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, normalized);
        bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, normalized);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return ai.djl.nn.norm.LayerNorm.layerNorm(x, normalized, pass.value(weight, x), pass.value(bias, x), eps)
                .singletonOrThrow();
    }
}
