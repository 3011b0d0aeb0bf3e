package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.MaskedConv2d;
import djinn.zoo.nn.MaskedConv2d.Mask;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.stream.Stream;

/**
 * Row LSTMs in residual blocks, which go through an image row by row: images (N, C, H, W) to logits (N, levels, C, H, W).
 *
 * <p>Van den Oord et al. 2016, Pixel Recurrent Neural Networks, sections 3.1 and 3.3, equation 3, table 1 and figure 5
 * (right): a masked convolution of kernel 7; layers whose gates come of a masked convolution over their input's row, of
 * width 3, and of an unmasked one, of width 3 too, over the states of the row above; the head. State: {@code stem}, {@code
 * layers.0.input}, {@code .state} (weight alone, its bias would be the input's), {@code .expand} and so on, {@code
 * head.hidden}, {@code head.out}. Within each colour's channels gates are in the paper's order: output, forget, input,
 * content. Deviations: the state before the first row is zero, where the paper speaks of an initial one in general.
 */
public final class PixelRnn extends PixelModel {

    private static final int STEM = 7;
    private static final int KERNEL = 3;
    private static final int GATES = 4;

    /**
     * What the paper varies.
     *
     * @param channels C of the images
     * @param levels how many levels a value may have; 256, or 2 for MNIST, in the paper
     * @param width h, a multiple of C: states have h channels, maps between layers 2 h; 128 for CIFAR-10 in the paper
     * @param layers the number of LSTM layers; 12 for CIFAR-10 in the paper
     * @param hidden the channels before the logits, a multiple of C; 1024 for CIFAR-10 in the paper
     */
    public record Config(int channels, int levels, int width, int layers, int hidden) {

        /** Checks that all extents go together. */
        public Config {
            PixelCnn.requireExtents(channels, levels, width, layers, hidden);
        }
    }

    private final Config config;
    private final MaskedConv2d stem;
    private final LayerList<RowLstm> layers;
    private final PixelHead head;

    /**
     * A PixelRNN of row LSTMs.
     *
     * @param config what varies
     */
    public PixelRnn(Config config) {
        this.config = config;
        int colours = config.channels;
        stem = child("stem", new MaskedConv2d(colours, 2 * config.width, STEM, Mask.A, colours));
        layers = child(
                "layers",
                new LayerList<>(Stream.generate(() -> new RowLstm(config.width, colours))
                        .limit(config.layers)
                        .toList()));
        head = child(HEAD, new PixelHead(2 * config.width, config.hidden, config.levels, colours));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int channels() {
        return config.channels;
    }

    @Override
    public int levels() {
        return config.levels;
    }

    @Override
    public int classes() {
        return 0;
    }

    @Override
    NDArray logits(NDArray images, NDArray labels, Pass pass) {
        NDArray x = stem.forward(images, pass); // (N, 2 h, H, W)
        for (RowLstm layer : layers) {
            x = layer.forward(x, pass);
        }
        return head.forward(x, pass); // (N, levels, C, H, W)
    }

    /** The rows that the stem sees above the first one, then the layers' states there: zeros. */
    @Override
    public NDList begin(NDManager owner, long images, long width, NDArray labels, Pass pass) {
        NDList above = new NDList(zeros(owner, images, config.channels, stem.above(), width));
        for (int i = 0; i < 2 * config.layers; i++) {
            above.add(zeros(owner, images, config.width, 1, width));
        }
        return above;
    }

    @Override
    public NDArray rowLogits(NDArray row, NDList above, NDArray labels, Pass pass) {
        return head.forward(run(row, above, new NDList(), pass), pass);
    }

    @Override
    public NDList nextRow(NDArray row, NDList above, NDArray labels, Pass pass) {
        NDList next = new NDList();
        run(row, above, next, pass);
        next.set(0, last(next.get(0), stem.above()));
        return next;
    }

    /** Runs a row, and lists what the stem saw, the row itself below those above, and each layer's states. */
    private NDArray run(NDArray row, NDList above, NDList known, Pass pass) {
        NDArray image = above.get(0).concat(row, 2);
        known.add(image);
        NDArray x = stem.forwardBelow(image, pass); // (N, 2 h, 1, W)
        for (RowLstm layer : layers) {
            State before = new State(above.get(known.size()), above.get(known.size() + 1));
            State state = layer.next(layer.input.forward(x, pass), before, pass);
            known.add(state.hidden);
            known.add(state.cell);
            x = layer.widen(state.hidden, x, pass);
        }
        return x;
    }

    /** What a layer knows of a row: both (N, h, 1, W). */
    private record State(NDArray hidden, NDArray cell) {}

    /** An LSTM from row to row, whose states are brought back to the input's channels and added to it. */
    private static final class RowLstm extends NamedBlock {

        private final int width;
        private final int colours;
        private final MaskedConv2d input;
        private final Conv2d state;
        private final MaskedConv2d expand;

        RowLstm(int width, int colours) {
            this.width = width;
            this.colours = colours;
            Window row = Window.of(1, KERNEL).padding(0, KERNEL / 2);
            input = child("input", new MaskedConv2d(2 * width, GATES * width, 1, KERNEL, Mask.B, colours));
            state = child("state", new Conv2d(width, GATES * width, row, 1, false));
            expand = child("expand", new MaskedConv2d(width, 2 * width, 1, Mask.B, colours));
        }

        NDArray forward(NDArray x, Pass pass) {
            NDList rows = input.forward(x, pass).split(x.getShape().get(2), 2); // H times (N, 4 h, 1, W)
            NDList hidden = new NDList();
            State known = null;
            for (NDArray row : rows) {
                known = next(row, known, pass);
                hidden.add(known.hidden);
            }
            return widen(NDArrays.concat(hidden, 2), x, pass); // (N, 2 h, H, W)
        }

        /** From the gates that come of a row's input, (N, 4 h, 1, W), and the state above it; null for none. */
        State next(NDArray gates, State above, Pass pass) {
            NDArray all = above == null ? gates : gates.add(state.forward(above.hidden, pass));
            long images = all.getShape().get(0);
            long columns = all.getShape().get(3);
            NDList each = all.reshape(images, colours, (long) GATES * width / colours, 1, columns)
                    .split(GATES, 2);
            NDArray content = Activation.sigmoid(each.get(2)).mul(each.get(3).tanh());
            NDArray fresh = content.reshape(images, width, 1, columns);
            NDArray cell = above == null
                    ? fresh
                    : Activation.sigmoid(each.get(1))
                            .reshape(images, width, 1, columns)
                            .mul(above.cell)
                            .add(fresh);
            NDArray hidden = Activation.sigmoid(each.get(0))
                    .reshape(images, width, 1, columns)
                    .mul(cell.tanh());
            return new State(hidden, cell);
        }

        NDArray widen(NDArray hidden, NDArray x, Pass pass) {
            return x.add(expand.forward(hidden, pass));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), pass));
        }
    }
}
