package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrent layers one above the other: sequences (N, L, in) to the top layer's outputs (N, L, directions hidden) and
 * the last states.
 *
 * <p>State, as PyTorch's: for each layer i {@code weight_ih_li} (gates hidden, in), {@code weight_hh_li} (gates hidden,
 * hidden), {@code bias_ih_li} and {@code bias_hh_li} (gates hidden), then the same with {@code _reverse} if it reads
 * backwards too. Everything starts uniform within 1 / sqrt(hidden).
 *
 * <p>As a DJL block it takes the sequences and, if given, the first states, and returns outputs and last states.
 */
public abstract class Recurrent extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def order(padding: Tensor) -> Tensor:
              at = torch.sub(torch.cumsum(torch.ones_like(padding, dtype=4), 1), 1)
              length = torch.sum(torch.eq(padding, 0), [1], True)
              return torch.where(torch.lt(at, length), torch.sub(torch.sub(length, 1), at), at)

            def reverse(x: Tensor, order: Tensor) -> Tensor:
              return torch.gather(x, 1, torch.expand(torch.unsqueeze(order, 2), [-1, -1, torch.size(x, 2)]))
            """);

    /**
     * What varies.
     *
     * @param in the length of the input's vectors
     * @param hidden the length of the states
     * @param layers the number of layers
     * @param bidirectional whether each layer reads the sequence backwards as well
     * @param dropout the share of every layer's outputs but the last's dropped in training
     */
    public record Config(int in, int hidden, int layers, boolean bidirectional, double dropout) {

        /** Checks that there are extents and the dropout's range. */
        public Config {
            if (in < 1 || hidden < 1 || layers < 1 || !(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException(
                        "expected extents and layers of at least 1 and a dropout from 0 to below 1, got in " + in
                                + ", hidden " + hidden + ", " + layers + " layers and dropout " + dropout);
            }
        }

        /**
         * Layers that read forwards, without dropout.
         *
         * @param in the length of the input's vectors
         * @param hidden the length of the states
         * @param layers the number of layers
         * @return the configuration
         */
        public static Config of(int in, int hidden, int layers) {
            return new Config(in, hidden, layers, false, 0);
        }
    }

    private final Config config;
    private final Dropout between;
    private final int states;
    private final List<Parameter> weights = new ArrayList<>();

    Recurrent(Config config, int gates, int states) {
        this.config = config;
        between = new Dropout(config.dropout);
        this.states = states;
        Initializer start = Initializers.torchDefault(config.hidden);
        long rows = (long) gates * config.hidden;
        int directions = config.bidirectional ? 2 : 1;
        for (int layer = 0; layer < config.layers; layer++) {
            long in = layer == 0 ? config.in : (long) directions * config.hidden;
            for (int direction = 0; direction < directions; direction++) {
                String end = "_l" + layer + (direction == 0 ? "" : "_reverse");
                weights.add(parameter("weight_ih" + end, Parameter.Type.WEIGHT, start, rows, in));
                weights.add(parameter("weight_hh" + end, Parameter.Type.WEIGHT, start, rows, config.hidden));
                weights.add(parameter("bias_ih" + end, Parameter.Type.BIAS, start, rows));
                weights.add(parameter("bias_hh" + end, Parameter.Type.BIAS, start, rows));
            }
        }
    }

    /** Returns what varies. */
    public final Config config() {
        return config;
    }

    /**
     * Runs the layers over sequences.
     *
     * @param inputs the sequences (N, L, in), then the first states (layers directions, N, hidden); zeros if left out
     * @param pass the pass
     * @return the outputs (N, L, directions hidden), then the last states, in the shape of the first ones
     * @throws IllegalArgumentException if the number or the shapes of the inputs do not fit
     */
    @Override
    public final NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 1 && inputs.size() != 1 + states) {
            throw new IllegalArgumentException(
                    "expected sequences and no or " + states + " first states, got " + inputs.size() + " inputs");
        }
        NDArray x = inputs.get(0);
        if (x.getShape().dimension() != 3 || x.getShape().get(2) != config.in) {
            throw new IllegalArgumentException("expected sequences (N, L, " + config.in + "), got " + x.getShape());
        }
        long layers = (long) config.layers * (config.bidirectional ? 2 : 1);
        Shape shape = new Shape(layers, x.getShape().get(0), config.hidden);
        NDList first = inputs.size() == 1 ? zeros(x, layers) : new NDList(inputs.subList(1, inputs.size()));
        for (NDArray state : first) {
            if (!state.getShape().equals(shape)) {
                throw new IllegalArgumentException("expected first states " + shape + ", got " + state.getShape());
            }
        }
        return run(x, first, arrays(x, pass), config.layers, config.bidirectional, pass.training());
    }

    /**
     * Runs the layers over sequences of several lengths, from states of zeros, so that nobody reads padding before the
     * sequence: PyTorch's packed sequences.
     *
     * @param x the sequences (N, L, in)
     * @param padding (N, L), other than zero at padding, which stands behind a sequence; null for none
     * @param pass the pass
     * @return the outputs (N, L, directions hidden); those at padding mean nothing
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public final NDArray forward(NDArray x, NDArray padding, Pass pass) {
        if (padding == null || !config.bidirectional) {
            return forward(new NDList(x), pass).head();
        }
        if (x.getShape().dimension() != 3
                || !padding.getShape().equals(x.getShape().slice(0, 2))) {
            throw new IllegalArgumentException("expected sequences (N, L, in) and a padding (N, L), got " + x.getShape()
                    + " and " + padding.getShape());
        }
        NDArray order = SCRIPT.call("order", padding);
        NDList arrays = arrays(x, pass);
        int one = arrays.size() / (2 * config.layers);
        for (int layer = 0; layer < config.layers; layer++) {
            NDList ahead = new NDList(arrays.subList(2 * layer * one, (2 * layer + 1) * one));
            NDList back = new NDList(arrays.subList((2 * layer + 1) * one, (2 * layer + 2) * one));
            NDArray forwards = direction(x, ahead, pass);
            NDArray backwards = reversed(direction(reversed(x, order), back, pass), order);
            x = forwards.concat(backwards, 2); // (N, L, 2 hidden)
            if (layer + 1 < config.layers) {
                x = between.forward(x, pass);
            }
        }
        return x;
    }

    private NDArray direction(NDArray x, NDList arrays, Pass pass) {
        return run(x, zeros(x, 1), arrays, 1, false, pass.training()).head();
    }

    /** Turns each sequence about and leaves its padding behind it: doing it twice changes nothing. */
    private static NDArray reversed(NDArray x, NDArray order) {
        return SCRIPT.call("reverse", x, order);
    }

    private NDList zeros(NDArray x, long layers) {
        NDList zeros = new NDList();
        for (int i = 0; i < states; i++) {
            Shape shape = new Shape(layers, x.getShape().get(0), config.hidden);
            zeros.add(x.getManager().zeros(shape, x.getDataType()).toDevice(x.getDevice(), false));
        }
        return zeros;
    }

    private NDList arrays(NDArray x, Pass pass) {
        NDList arrays = new NDList();
        for (Parameter weight : weights) {
            arrays.add(pass.value(weight, x));
        }
        return arrays;
    }

    /** Runs the engine's kernel. */
    abstract NDList run(NDArray x, NDList first, NDList arrays, int layers, boolean bidirectional, boolean training);
}
