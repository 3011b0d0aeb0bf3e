package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import djinn.ops.Activations;
import java.util.function.UnaryOperator;

/** Elementwise functions without state, by PyTorch's names and with its defaults. */
public enum Nonlinearity {
    /** x. */
    IDENTITY(x -> x),
    /** max(x, 0). */
    RELU(Activation::relu),
    /** min(max(x, 0), 6). */
    RELU6(Activations::relu6),
    /** x, or 0.01 x below zero. */
    LEAKY_RELU(x -> Activation.leakyRelu(x, .01f)),
    /** x, or 0.1 x below zero, as Darknet has it. */
    LEAKY_RELU_01(x -> Activation.leakyRelu(x, .1f)),
    /** x, or 0.2 x below zero, as GAN discriminators have it. */
    LEAKY_RELU_02(x -> Activation.leakyRelu(x, .2f)),
    /** x, or e^x - 1 below zero. */
    ELU(x -> Activation.elu(x, 1)),
    /** The self-normalising ELU (Klambauer et al. 2017). */
    SELU(Activation::selu),
    /** x Phi(x), exact (Hendrycks and Gimpel 2016). */
    GELU(Activation::gelu),
    /** x sigmoid(x). */
    SILU(Activations::silu),
    /** x tanh(softplus(x)) (Misra 2019). */
    MISH(Activations::mish),
    /** ln(1 + e^x). */
    SOFTPLUS(Activation::softPlus),
    /** 1 / (1 + e^-x). */
    SIGMOID(Activation::sigmoid),
    /** tanh(x). */
    TANH(Activation::tanh),
    /** x relu6(x + 3) / 6 (Howard et al. 2019). */
    HARD_SWISH(Activations::hardSwish),
    /** relu6(x + 3) / 6. */
    HARD_SIGMOID(Activations::hardSigmoid);

    @SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
    private final UnaryOperator<NDArray> function;

    Nonlinearity(UnaryOperator<NDArray> function) {
        this.function = function;
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
