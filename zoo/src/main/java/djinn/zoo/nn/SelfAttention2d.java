package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * Self-attention over positions as in SAGAN (Zhang et al. 2019): x + gamma v(softmax(f(x)^T g(x)) h(x)); the shape
 * stays.
 *
 * <p>State: {@code gamma} (1), which starts at zero, and the 1x1 convolutions without bias {@code f} (of the attended
 * positions), {@code g} (of the asking ones), {@code h} and {@code v}, with C / 8 channels inside. Deviation: no
 * spectral normalisation of the four.
 */
public final class SelfAttention2d extends ArrayBlock {

    private final int inner;
    private final Parameter gamma;
    private final Conv2d f;
    private final Conv2d g;
    private final Conv2d h;
    private final Conv2d v;

    /**
     * A self-attention.
     *
     * @param channels C of the input, at least 8
     * @throws IllegalArgumentException if there are fewer channels
     */
    public SelfAttention2d(int channels) {
        if (channels < 8) {
            throw new IllegalArgumentException("expected at least 8 channels, got " + channels);
        }
        inner = channels / 8;
        gamma = parameter("gamma", Parameter.Type.OTHER, Initializer.ZEROS, 1);
        f = child("f", new Conv2d(channels, inner, Window.of(1), 1, false));
        g = child("g", new Conv2d(channels, inner, Window.of(1), 1, false));
        h = child("h", new Conv2d(channels, inner, Window.of(1), 1, false));
        v = child("v", new Conv2d(inner, channels, Window.of(1), 1, false));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        long n = x.getShape().get(0);
        Shape flat = new Shape(n, inner, -1);
        NDArray keys = f.forward(x, pass).reshape(flat); // (N, inner, H W)
        NDArray queries = g.forward(x, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, inner)
        NDArray values = h.forward(x, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, inner)
        NDArray mixed = queries.matMul(keys).softmax(-1).matMul(values); // (N, H W, inner)
        Shape map = new Shape(n, inner, x.getShape().get(2), x.getShape().get(3));
        NDArray attended = v.forward(mixed.transpose(0, 2, 1).reshape(map), pass);
        return x.add(attended.mul(pass.value(gamma, x)));
    }
}
