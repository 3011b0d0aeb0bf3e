package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.MaskedConv2d;
import djinn.zoo.nn.MaskedConv2d.Mask;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import djinn.zoo.nn.ZeroPad2d;
import java.util.ArrayList;
import java.util.List;

/**
 * Two stacks of gated convolutions, one over all rows above and one over the row so far, which see every earlier pixel:
 * images (N, C, H, W), and their classes where it is told of them, to logits (N, levels, C, H, W).
 *
 * <p>Van den Oord et al. 2016, Conditional Image Generation with PixelCNN Decoders, sections 2.1 to 2.3, equations 2 to 4
 * and figure 2. The vertical stack needs no mask: its first convolution ends above a pixel's row, and what a later one
 * sees in that row knows of the rows above alone. The horizontal stack is told of it by convolutions of kernel 1, before
 * the gates, and keeps what came in beside what it makes. State: {@code layers.0.vertical}, {@code .link}, {@code
 * .horizontal}, {@code .out}, with classes {@code .vertical_classes} and {@code .horizontal_classes} (the matrices V of
 * equation 4, one row a class; the last layer's vertical stack has none, for nobody sees it), and so on; {@code head.hidden}, {@code head.out}. Layers start as PyTorch's convolutions,
 * the rows of classes uniform within 0.05. Deviations: none of the form; the head is that of the first paper, table 1.
 */
public final class GatedPixelCnn extends PixelModel {

    private static final float CLASS_BOUND = .05f;

    /**
     * What the paper varies.
     *
     * @param channels C of the images
     * @param levels how many levels a value may have; 256 in the paper
     * @param width p, the channels of either stack, a multiple of C
     * @param layers the number of layers; 15 for CIFAR-10 in the paper
     * @param stem the first layer's kernel, odd, at least 3; 7 in the paper
     * @param kernel the later ones', odd, at least 3; 5 in the paper
     * @param hidden the channels before the logits, a multiple of C
     * @param classes how many classes it is told of; 0 for none
     */
    public record Config(
            int channels, int levels, int width, int layers, int stem, int kernel, int hidden, int classes) {

        /** Checks that all extents go together. */
        public Config {
            PixelCnn.requireExtents(channels, levels, width, layers, hidden);
            if (stem < 3 || kernel < 3 || stem % 2 == 0 || kernel % 2 == 0) {
                throw new IllegalArgumentException(
                        "expected odd kernels of at least 3, got " + stem + " and " + kernel);
            }
            if (classes < 0) {
                throw new IllegalArgumentException("expected classes of at least 0, got " + classes);
            }
        }
    }

    private final Config config;
    private final LayerList<Layer> layers;
    private final PixelHead head;

    /**
     * A gated PixelCNN.
     *
     * @param config what varies
     */
    public GatedPixelCnn(Config config) {
        this.config = config;
        List<Layer> made = new ArrayList<>();
        for (int i = 0; i < config.layers; i++) {
            made.add(new Layer(config, i == 0, i == config.layers - 1));
        }
        layers = child("layers", new LayerList<>(made));
        head = child(HEAD, new PixelHead(config.width, config.hidden, config.levels, config.channels));
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
        return config.classes;
    }

    @Override
    NDArray logits(NDArray images, NDArray labels, Pass pass) {
        NDArray above = images;
        NDArray x = images;
        for (Layer layer : layers) {
            NDArray v = layer.vertical.forward(above, pass); // (N, 2 p, H, W)
            x = layer.across(x, layer.link.forward(v, pass), labels, pass); // (N, p, H, W)
            above = layer.below(v, labels, pass); // (N, p, H, W)
        }
        return head.forward(x, pass); // (N, levels, C, H, W)
    }

    /**
     * The image's rows that the first layer sees above the row, then for each later layer what its vertical convolution
     * sees, the row's own included; then what each layer's vertical stack tells the horizontal one.
     */
    @Override
    public NDList begin(NDManager owner, long images, long width, NDArray labels, Pass pass) {
        NDList blank = new NDList(zeros(owner, images, config.channels, config.stem / 2, width));
        for (int i = 1; i < config.layers; i++) {
            blank.add(zeros(owner, images, config.width, config.kernel / 2, width));
        }
        return down(blank, labels, pass);
    }

    /** Runs the vertical stack of a row, given the rows before it that each layer sees. */
    private NDList down(NDList before, NDArray labels, Pass pass) {
        NDList rows = new NDList();
        NDList links = new NDList();
        NDArray above = null;
        for (Layer layer : layers) {
            NDArray known = before.get(rows.size());
            NDArray seen = above == null ? known : known.concat(above, 2);
            rows.add(seen);
            NDArray v = layer.vertical.forwardBelow(seen, pass); // (N, 2 p, 1, W)
            links.add(layer.link.forward(v, pass));
            above = layer.below(v, labels, pass);
        }
        rows.addAll(links);
        return rows;
    }

    @Override
    public NDArray rowLogits(NDArray row, NDList above, NDArray labels, Pass pass) {
        NDArray x = row;
        int i = config.layers;
        for (Layer layer : layers) {
            x = layer.across(x, above.get(i++), labels, pass);
        }
        return head.forward(x, pass);
    }

    @Override
    public NDList nextRow(NDArray row, NDList above, NDArray labels, Pass pass) {
        NDList before = new NDList(last(above.get(0).concat(row, 2), config.stem / 2));
        for (NDArray rows : above.subList(1, config.layers)) {
            before.add(last(rows, config.kernel / 2));
        }
        return down(before, labels, pass);
    }

    /** A layer of both stacks. */
    private static final class Layer extends NamedBlock {

        private final int width;
        private final int colours;
        private final boolean first;
        private final boolean last;
        private final Vertical vertical;
        private final Conv2d link;
        private final MaskedConv2d horizontal;
        private final MaskedConv2d out;
        private final Embedding verticalClasses;
        private final Embedding horizontalClasses;

        Layer(Config config, boolean first, boolean last) {
            this.first = first;
            this.last = last;
            width = config.width;
            colours = config.channels;
            int in = first ? colours : width;
            int kernel = first ? config.stem : config.kernel;
            vertical = child("vertical", new Vertical(in, 2 * width, kernel, first));
            link = child("link", new Conv2d(2 * width, 2 * width, Window.of(1)));
            horizontal =
                    child("horizontal", new MaskedConv2d(in, 2 * width, 1, kernel, first ? Mask.A : Mask.B, colours));
            out = child("out", new MaskedConv2d(width, width, 1, Mask.B, colours));
            verticalClasses = last ? null : classes("vertical_classes", config);
            horizontalClasses = classes("horizontal_classes", config);
        }

        private Embedding classes(String name, Config config) {
            return config.classes == 0
                    ? null
                    : child(name, new Embedding(config.classes, 2 * config.width, Initializers.uniform(CLASS_BOUND)));
        }

        /** The horizontal stack, told of the rows above by (N, 2 p, H, W). */
        NDArray across(NDArray x, NDArray link, NDArray labels, Pass pass) {
            NDArray h = horizontal.forward(x, pass).add(link); // (N, 2 p, H, W)
            NDArray y = out.forward(gated(h, horizontalClasses, labels, pass), pass); // (N, p, H, W)
            return first ? y : x.add(y);
        }

        /** What the next layer's vertical stack sees of the rows above; null where there is no next layer. */
        NDArray below(NDArray v, NDArray labels, Pass pass) {
            return last ? null : gated(v, verticalClasses, labels, pass);
        }

        /** tanh of the first half of each colour's channels, times the sigmoid of the second: (N, 2 p, H, W) to half. */
        NDArray gated(NDArray x, Embedding classes, NDArray labels, Pass pass) {
            long images = x.getShape().get(0);
            long rows = x.getShape().get(2);
            long columns = x.getShape().get(3);
            NDArray known =
                    classes == null ? x : x.add(classes.forward(labels, pass).reshape(images, 2L * width, 1, 1));
            NDList halves = known.reshape(images, colours, 2L * width / colours, rows, columns)
                    .split(2, 2);
            return halves.get(0).tanh().mul(Activation.sigmoid(halves.get(1))).reshape(images, width, rows, columns);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            throw new UnsupportedOperationException("a layer of two stacks is run by its model");
        }
    }

    /** A convolution over rows above: the first layer's ends above a pixel's own row, later ones' with it. */
    private static final class Vertical extends NamedBlock {

        private final ZeroPad2d border;
        private final Conv2d conv;

        Vertical(int in, int out, int kernel, boolean first) {
            int half = kernel / 2;
            border = child("border", new ZeroPad2d(0, 0, half, first ? -1 : 0));
            Window window = Window.of(first ? half : half + 1, kernel).padding(0, half);
            conv = child("conv", new Conv2d(in, out, window));
        }

        NDArray forward(NDArray x, Pass pass) {
            return conv.forward(border.forward(x, pass), pass);
        }

        NDArray forwardBelow(NDArray x, Pass pass) {
            return conv.forward(x, pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), pass));
        }
    }
}
