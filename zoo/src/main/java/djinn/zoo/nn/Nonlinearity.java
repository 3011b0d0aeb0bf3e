package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import djinn.ops.Activations;
import java.util.function.UnaryOperator;

/** Elementwise functions without state, by PyTorch's names and with its defaults. */
public enum Nonlinearity {
    /** x. */
    IDENTITY(x -> x, "%s"),
    /** max(x, 0). */
    RELU(Activation::relu, "torch.relu(%s)"),
    /** min(max(x, 0), 6). */
    RELU6(Activations::relu6, "torch.hardtanh(%s, 0., 6.)"),
    /** x, or 0.01 x below zero. */
    LEAKY_RELU(x -> Activation.leakyRelu(x, .01f), "torch.leaky_relu(%s, 0.01)"),
    /** x, or 0.1 x below zero, as Darknet has it. */
    LEAKY_RELU_01(x -> Activation.leakyRelu(x, .1f), "torch.leaky_relu(%s, 0.1)"),
    /** x, or 0.2 x below zero, as GAN discriminators have it. */
    LEAKY_RELU_02(x -> Activation.leakyRelu(x, .2f), "torch.leaky_relu(%s, 0.2)"),
    /** x, or e^x - 1 below zero. */
    ELU(x -> Activation.elu(x, 1), "torch.elu(%s)"),
    /** The self-normalising ELU (Klambauer et al. 2017). */
    SELU(Activation::selu, "torch.selu(%s)"),
    /** x Phi(x), exact (Hendrycks and Gimpel 2016). */
    GELU(Activation::gelu, "torch.gelu(%s)"),
    /** x sigmoid(x). */
    SILU(Activations::silu, "torch.silu(%s)"),
    /** x tanh(softplus(x)) (Misra 2019). */
    MISH(Activations::mish, "torch.mish(%s)"),
    /** ln(1 + e^x). */
    SOFTPLUS(Activation::softPlus, "torch.softplus(%s)"),
    /** 1 / (1 + e^-x). */
    SIGMOID(Activation::sigmoid, "torch.sigmoid(%s)"),
    /** tanh(x). */
    TANH(Activation::tanh, "torch.tanh(%s)"),
    /** x relu6(x + 3) / 6 (Howard et al. 2019). */
    HARD_SWISH(Activations::hardSwish, "torch.hardswish(%s)"),
    /** relu6(x + 3) / 6. */
    HARD_SIGMOID(Activations::hardSigmoid, "torch.hardsigmoid(%s)");

    @SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
    private final UnaryOperator<NDArray> function;

    private final String expression;

    Nonlinearity(UnaryOperator<NDArray> function, String expression) {
        this.function = function;
        this.expression = expression;
    }

    /**
     * Applies the function.
     *
     * @param x any shape
     * @return the shape of x
     */
    public NDArray apply(NDArray x) {
        return function.apply(x);
    }

    /**
     * Returns the function in the language of {@link djinn.ops.TorchScript}, for scripts that compute more than it.
     *
     * @param variable the name of what it is applied to
     * @return an expression
     */
    public String expression(String variable) {
        return expression.formatted(variable);
    }

    /**
     * Applies the function, over x where that saves something: RELU does.
     *
     * @param x any shape; what a layer has just made, and nothing else reads
     * @return the shape of x
     */
    public NDArray applyInPlace(NDArray x) {
        return this == RELU ? Activations.reluInPlace(x) : apply(x);
    }

    /**
     * Returns the function as a layer, for {@link Sequential}: not its first, for it writes over its input where it
     * can.
     */
    public ArrayBlock layer() {
        return new Layer(this);
    }

    private static final class Layer extends ArrayBlock {

        private final Nonlinearity function;

        Layer(Nonlinearity function) {
            this.function = function;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return function.applyInPlace(x);
        }
    }
}
