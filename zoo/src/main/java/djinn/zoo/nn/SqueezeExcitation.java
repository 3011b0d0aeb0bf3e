package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Pooling;

/**
 * Scales channels by gates computed from their means (Hu et al. 2018): x g(fc2(f(fc1(mean(x))))); the shape stays.
 *
 * <p>State: {@code fc1} and {@code fc2}, 1x1 convolutions with bias, as torchvision's.
 */
public final class SqueezeExcitation extends ArrayBlock {

    private final Conv2d fc1;
    private final Conv2d fc2;
    private final Nonlinearity inner;
    private final Nonlinearity gate;

    /**
     * A squeeze-excitation whose convolutions start as PyTorch's.
     *
     * @param channels C of the input
     * @param squeezed the channels between the two convolutions
     * @param inner the function between them
     * @param gate the function of the gates
     */
    public SqueezeExcitation(int channels, int squeezed, Nonlinearity inner, Nonlinearity gate) {
        this(channels, squeezed, inner, gate, null);
    }

    /**
     * A squeeze-excitation that starts in its own way: the weights as told, the biases at zero.
     *
     * @param channels C of the input
     * @param squeezed the channels between the two convolutions
     * @param inner the function between them
     * @param gate the function of the gates
     * @param initializer fills both weights, (squeezed, channels, 1, 1) and (channels, squeezed, 1, 1); null for
     *     PyTorch's default of weights and biases
     */
    public SqueezeExcitation(
            int channels, int squeezed, Nonlinearity inner, Nonlinearity gate, Initializer initializer) {
        this.inner = inner;
        this.gate = gate;
        fc1 = child("fc1", new Conv2d(channels, squeezed, Window.of(1), 1, true, initializer));
        fc2 = child("fc2", new Conv2d(squeezed, channels, Window.of(1), 1, true, initializer));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray means = Pooling.adaptiveAverage(x, 1, 1); // (N, C, 1, 1)
        NDArray gates = fc2.forward(inner.apply(fc1.forward(means, pass)), pass);
        return x.mul(gate.apply(gates));
    }
}
