package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
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
    private final int states;
    private final List<Parameter> weights = new ArrayList<>();

    Recurrent(Config config, int gates, int states) {
        this.config = config;
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
        Shape shape = new Shape(
                (long) config.layers * (config.bidirectional ? 2 : 1),
                x.getShape().get(0),
                config.hidden);
        NDList first = new NDList(inputs.subList(1, inputs.size()));
        while (first.size() < states) {
            first.add(x.getManager().zeros(shape, x.getDataType()).toDevice(x.getDevice(), false));
        }
        for (NDArray state : first) {
            if (!state.getShape().equals(shape)) {
                throw new IllegalArgumentException("expected first states " + shape + ", got " + state.getShape());
            }
        }
        NDList arrays = new NDList();
        for (Parameter weight : weights) {
            arrays.add(pass.value(weight, x));
        }
        return run(x, first, arrays, pass.training());
    }

    /** Runs the engine's kernel. */
    abstract NDList run(NDArray x, NDList first, NDList arrays, boolean training);
}
