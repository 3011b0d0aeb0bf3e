package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;

/**
 * Adds to every position a mean over all positions, weighted by likeness (Wang et al. 2018, the embedded Gaussian
 * form): x + out(softmax(theta(x)^T phi(x)) g(x)); the shape stays.
 *
 * <p>State: {@code theta}, {@code phi}, {@code g} and {@code out}, 1x1 convolutions with bias. The last starts at zero
 * (section 3.3), so that the block starts as the identity. Memory grows with (H W)^2.
 */
public final class NonLocal extends ArrayBlock {

    private final int inner;
    private final Conv2d theta;
    private final Conv2d phi;
    private final Conv2d g;
    private final Conv2d out;

    /**
     * The paper's block: half the channels inside.
     *
     * @param channels C of the input
     */
    public NonLocal(int channels) {
        this(channels, Math.max(1, channels / 2));
    }

    /**
     * A non-local block.
     *
     * @param channels C of the input
     * @param inner the channels inside
     */
    public NonLocal(int channels, int inner) {
        this.inner = inner;
        theta = child("theta", new Conv2d(channels, inner, Window.of(1)));
        phi = child("phi", new Conv2d(channels, inner, Window.of(1)));
        g = child("g", new Conv2d(channels, inner, Window.of(1)));
        out = child("out", new Conv2d(inner, channels, Window.of(1), 1, true, Initializer.ZEROS));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        long n = x.getShape().get(0);
        Shape flat = new Shape(n, inner, -1);
        NDArray queries = theta.forward(x, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, inner)
        NDArray keys = phi.forward(x, pass).reshape(flat); // (N, inner, H W)
        NDArray values = g.forward(x, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, inner)
        NDArray mixed = queries.matMul(keys).softmax(-1).matMul(values); // (N, H W, inner)
        Shape map = new Shape(n, inner, x.getShape().get(2), x.getShape().get(3));
        return x.add(out.forward(mixed.transpose(0, 2, 1).reshape(map), pass));
    }
}
