package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * A linear layer that zeroes a share of its weights in training and scales up the rest (Wan et al. 2013): (..., in) to
 * (..., out).
 *
 * <p>State: {@code weight} (out, in), {@code bias} (out). Deviations: one draw of weights per batch where the paper
 * draws for each sample, and the mean weights in inference where it samples the outputs' normal approximation.
 */
public final class DropConnect extends ArrayBlock {

    private final double rate;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A linear layer with DropConnect that starts as PyTorch's.
     *
     * @param in the input's last extent
     * @param out the output's last extent
     * @param rate the share of zeroed weights, from 0 to below 1
     * @throws IllegalArgumentException if an extent is below 1 or the rate is outside
     */
    public DropConnect(int in, int out, double rate) {
        if (in < 1 || out < 1 || !(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("expected extents of at least 1 and a rate from 0 to below 1, got " + in
                    + " to " + out + " and " + rate);
        }
        this.rate = rate;
        Initializer start = Initializers.torchDefault(in);
        weight = parameter("weight", Parameter.Type.WEIGHT, start, out, in);
        bias = parameter("bias", Parameter.Type.BIAS, start, out);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray connected = pass.value(weight, x);
        if (pass.training() && rate > 0) {
            connected = Pass.freedWith(Dropout.dropped(connected, rate), x);
        }
        return x.getNDArrayInternal().linear(x, connected, pass.value(bias, x)).singletonOrThrow();
    }
}
