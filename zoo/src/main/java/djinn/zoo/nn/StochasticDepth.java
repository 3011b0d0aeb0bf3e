package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Scalars;

/**
 * Drops whole samples of a residual branch in training and scales up the others (Huang et al. 2016), as torchvision's
 * mode "row". No state.
 */
public final class StochasticDepth extends ArrayBlock {

    private final float rate;

    /**
     * A stochastic depth.
     *
     * @param rate the probability that a sample's branch is dropped, from 0 to below 1
     */
    public StochasticDepth(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("expected a drop rate from 0 to below 1, got " + rate);
        }
        this.rate = (float) rate;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (!pass.training() || rate == 0) {
            return x;
        }
        long[] extents = new long[x.getShape().dimension()];
        java.util.Arrays.fill(extents, 1);
        extents[0] = x.getShape().get(0);
        NDArray kept =
                x.getManager().randomUniform(0, 1, new Shape(extents)).gte(rate).toType(x.getDataType(), false);
        return x.mul(Scalars.div(kept, 1 - rate));
    }
}
