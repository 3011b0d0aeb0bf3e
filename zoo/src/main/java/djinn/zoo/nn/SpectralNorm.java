package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;

/**
 * A convolution or linear layer whose weight is divided by its largest singular value, so that it stretches nothing
 * (Miyato et al. 2018, section 2.1 and algorithm 1).
 *
 * <p>The weight counts as a matrix of its first extent and all others. Each pass in training takes one step of the power
 * iteration first; in inference the vectors stay. Gradients go through the division, the vectors being constants. State, in
 * PyTorch's order and names ({@code torch.nn.utils.spectral_norm}): {@code bias} if there is one, {@code weight_orig},
 * {@code weight_u} (out) and {@code weight_v} (all other extents). An export holds the divided weight alone. Deviations:
 * none.
 */
public final class SpectralNorm extends ArrayBlock {

    private static final double EPS = 1e-12;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def iterate(weight: Tensor, u: Tensor, v: Tensor, eps: float) -> int:
          matrix = torch.flatten(weight, 1, -1)
          v0 = torch.mv(torch.t(matrix), u)
          v1 = torch.copy_(v, torch.div(v0, torch.clamp_min(torch.norm(v0), eps)), False)
          u0 = torch.mv(matrix, v1)
          u1 = torch.copy_(u, torch.div(u0, torch.clamp_min(torch.norm(u0), eps)), False)
          return torch.numel(u1)

        # the vectors are cloned: a later pass steps on while the gradient of this one still waits
        def divided(x: Tensor, weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
          product = torch.mv(torch.flatten(weight, 1, -1), torch.clone(v))
          return torch.div(weight, torch.dot(torch.clone(u), product))
        """);

    /** Null for a linear layer. */
    private final Window window;

    private final int groups;
    private final Parameter bias;
    private final Parameter weight;
    private final Parameter left;
    private final Parameter right;

    private SpectralNorm(Shape shape, boolean bias, Initializer initializer, Window window, int groups) {
        this.window = window;
        this.groups = groups;
        long out = shape.get(0);
        long fanIn = shape.size() / out;
        Initializer start = initializer == null ? Initializers.torchDefault(fanIn) : initializer;
        this.bias = bias
                ? parameter("bias", Parameter.Type.BIAS, initializer == null ? start : Initializer.ZEROS, out)
                : null;
        weight = parameter("weight_orig", Parameter.Type.WEIGHT, start, shape.getShape());
        left = buffer("weight_u", Parameter.Type.OTHER, SpectralNorm::direction, out);
        right = buffer("weight_v", Parameter.Type.OTHER, SpectralNorm::direction, fanIn);
    }

    private static NDArray direction(NDManager manager, Shape shape, DataType type) {
        try (NDArray random = manager.randomNormal(shape, type);
                NDArray norm = random.norm()) {
            return random.div(norm);
        }
    }

    /**
     * A 2-D convolution, (N, inChannels, H, W) to (N, outChannels, H', W'), that starts as {@link Conv2d}.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups; divides both
     * @param bias whether a bias is added
     * @param initializer fills the weight, the bias starting at zero; null for PyTorch's default of both
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public static SpectralNorm conv2d(
            int inChannels, int outChannels, Window window, int groups, boolean bias, Initializer initializer) {
        Conv2d.requireChannels(inChannels, outChannels, groups);
        Shape shape = new Shape(
                outChannels,
                inChannels / groups,
                window.kernel().get(0),
                window.kernel().get(1));
        return new SpectralNorm(shape, bias, initializer, window, groups);
    }

    /** The same in one group, with a bias, as PyTorch's layer starts. */
    public static SpectralNorm conv2d(int inChannels, int outChannels, Window window) {
        return conv2d(inChannels, outChannels, window, 1, true, null);
    }

    /**
     * A linear layer, (..., in) to (..., out), that starts as {@link Linear}.
     *
     * @param in the input's last extent
     * @param out the output's last extent
     * @param bias whether a bias is added
     * @throws IllegalArgumentException if an extent is below 1
     */
    public static SpectralNorm linear(int in, int out, boolean bias) {
        Linear.requireExtents(in, out);
        return new SpectralNorm(new Shape(out, in), bias, null, null, 1);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (x instanceof TracedArray) {
            // of the arrays themselves: the trace then has a constant in place of the division
            try (NDArray constant =
                    SCRIPT.call("divided", weight.getArray(), weight.getArray(), left.getArray(), right.getArray())) {
                return apply(x, constant, pass);
            }
        }
        NDArray own = pass.value(weight, x);
        NDArray u = pass.value(left, x);
        NDArray v = pass.value(right, x);
        if (pass.training()) {
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                SCRIPT.callForEffect("iterate", own, u, v, EPS);
            }
        }
        return apply(x, SCRIPT.call("divided", x, own, u, v), pass);
    }

    private NDArray apply(NDArray x, NDArray divided, Pass pass) {
        return window == null
                ? Linear.linear(x, divided, pass.value(bias, x), pass)
                : Conv2d.convolve(x, divided, pass.value(bias, x), window, groups, pass);
    }
}
