package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Activations;
import djinn.ops.Resize;
import djinn.ops.Scalars;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.GroupNorm;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The network of a diffusion model: of images under noise and the step of each, what the noise is.
 *
 * <p>Ho, Jain and Abbeel 2020, section 4 and appendix B: a U-Net of residual blocks with group norms, to each of which the
 * step is told by sinusoids of its number behind two linear layers, with self-attention of one head; the last layer of each
 * residual block, of each attention and of the network starts at zero. Images (N, C, size, size) within -1 to 1 under noise,
 * steps (N), int64, from 0, and, where there are classes, their numbers (N), int64, to noise (N, C, size, size). Deviations:
 * attention at the lowest resolution alone (theirs is at 16x16), groups of at least 4 channels where there are fewer than
 * their 128, weights otherwise start as PyTorch's layers do. Where there are classes, a vector of each is added to that of the
 * step (Dhariwal and Nichol 2021, section 3.1).
 *
 * <p>State: {@code time} with linear layers at 0 and 2, {@code classes} if there are any, {@code first}, {@code down} and
 * {@code up} with the blocks in the order they are run, {@code middle}, {@code norm} and {@code last}.
 */
public final class DiffusionUNet extends NamedBlock {

    private static final Window WINDOW = Window.of(3).padding(1);
    private static final double SLOWEST = 10000;
    private static final int MOST_GROUPS = 32;
    private static final int FEWEST_CHANNELS = 4;
    private static final double EPS = 1e-6;

    private final Config config;
    private final Sequential time;
    private final Embedding classes;
    private final Conv2d first;
    private final LayerList<Unit> down;
    private final LayerList<Unit> middle;
    private final LayerList<Unit> up;
    private final GroupNorm norm;
    private final Conv2d last;

    /**
     * What varies.
     *
     * @param channels C of the images
     * @param size H and W of the images, which halve evenly for each level but the first
     * @param width the channels of the first level, even and at least 4
     * @param levels how many times that each level has; the maps of each are half as wide as those before
     * @param blocks residual blocks of a level on the way down; one more on the way up
     * @param classes K; 0 of a network that is told none
     * @param dropout the share of values dropped in each residual block in training
     */
    public record Config(
            int channels, int size, int width, List<Integer> levels, int blocks, int classes, double dropout) {

        /** Checks the extents, and copies the list. */
        public Config {
            levels = List.copyOf(levels);
            if (channels < 1 || blocks < 1 || classes < 0) {
                throw new IllegalArgumentException(
                        "expected channels and blocks of at least 1 and classes of at least 0, got " + channels + ", "
                                + blocks + " and " + classes);
            }
            if (width < 4 || width % 2 != 0) {
                throw new IllegalArgumentException("expected an even width of at least 4, got " + width);
            }
            if (levels.isEmpty() || levels.stream().anyMatch(level -> level < 1)) {
                throw new IllegalArgumentException(
                        "expected levels of at least 1 each, such as [1, 2, 2], got " + levels);
            }
            if (levels.size() > 30 || size < 1 || size % (1 << (levels.size() - 1)) != 0) {
                throw new IllegalArgumentException("expected a size that halves evenly " + (levels.size() - 1)
                        + " times, once for each level but the first, got " + size);
            }
        }

        /** MNIST's images on 3 levels of 32, 64 and 64 channels, with one block each. */
        public static Config mnist() {
            return new Config(1, 28, 32, List.of(1, 2, 2), 1, 0, 0);
        }

        private int told() {
            return 4 * width;
        }
    }

    /**
     * A network.
     *
     * @param config what varies
     */
    public DiffusionUNet(Config config) {
        this.config = config;
        int told = config.told();
        time = child(
                "time",
                Sequential.of(new Linear(config.width, told), Nonlinearity.SILU.layer(), new Linear(told, told)));
        classes = config.classes == 0 ? null : child("classes", new Embedding(config.classes, told));
        first = child("first", new Conv2d(config.channels, config.width, WINDOW));

        // each block on the way down leaves its maps for one on the way up
        Deque<Integer> left = new ArrayDeque<>(List.of(config.width));
        List<Unit> units = new ArrayList<>();
        int channels = config.width;
        int lowest = config.levels.size() - 1;
        for (int level = 0; level <= lowest; level++) {
            int out = config.width * config.levels.get(level);
            for (int block = 0; block < config.blocks; block++) {
                units.add(new Unit(config, channels, out, level == lowest, Move.STAY));
                channels = out;
                left.push(channels);
            }
            if (level < lowest) {
                units.add(new Unit(channels, Move.HALVE));
                left.push(channels);
            }
        }
        down = child("down", new LayerList<>(units));
        middle = child(
                "middle",
                new LayerList<>(List.of(
                        new Unit(config, channels, channels, true, Move.STAY),
                        new Unit(config, channels, channels, false, Move.STAY))));
        units.clear();
        for (int level = lowest; level >= 0; level--) {
            int out = config.width * config.levels.get(level);
            for (int block = 0; block <= config.blocks; block++) {
                Move move = block == config.blocks && level > 0 ? Move.DOUBLE : Move.STAY;
                units.add(new Unit(config, channels + left.pop(), out, level == lowest, move));
                channels = out;
            }
        }
        up = child("up", new LayerList<>(units));
        norm = child("norm", groups(channels));
        last = child("last", new Conv2d(channels, config.channels, WINDOW, 1, true, Initializer.ZEROS));
    }

    /** Returns what varies. */
    public Config config() {
        return config;
    }

    /**
     * Tells the noise.
     *
     * @param x images under noise, (N, C, size, size)
     * @param steps how many steps of noise each has had, less one, (N), int64
     * @param labels the class of each, (N), int64; null of a network that is told none
     * @param pass the pass
     * @return the noise, (N, C, size, size)
     * @throws IllegalArgumentException if a shape does not fit, or there are labels and should be none, or none and should be
     */
    public NDArray forward(NDArray x, NDArray steps, NDArray labels, Pass pass) {
        requireFit(x, steps, labels);
        NDArray told = time.forward(waves(steps), pass); // (N, 4 width)
        if (classes != null) {
            told = told.add(classes.forward(labels, pass));
        }
        NDArray heard = Activations.silu(told);
        NDArray y = first.forward(x, pass); // (N, width, size, size)
        Deque<NDArray> left = new ArrayDeque<>(List.of(y));
        for (Unit unit : down) {
            y = unit.forward(y, heard, pass);
            left.push(y);
        }
        for (Unit unit : middle) {
            y = unit.forward(y, heard, pass); // of the lowest level's size
        }
        for (Unit unit : up) {
            y = unit.forward(y.concat(left.pop(), 1), heard, pass);
        }
        return last.forward(Activations.silu(norm.forward(y, pass)), pass); // (N, C, size, size)
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        int expected = classes == null ? 2 : 3;
        if (inputs.size() != expected) {
            throw new IllegalArgumentException(
                    "expected images, steps" + (classes == null ? "" : " and labels") + ", got " + inputs.size());
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), classes == null ? null : inputs.get(2), pass));
    }

    private void requireFit(NDArray x, NDArray steps, NDArray labels) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || !shape.slice(1).equals(new Shape(config.channels, config.size, config.size))) {
            throw new IllegalArgumentException("expected images (N, " + config.channels + ", " + config.size + ", "
                    + config.size + "), got " + shape);
        }
        Shape each = new Shape(shape.get(0));
        if (!steps.getShape().equals(each)) {
            throw new IllegalArgumentException("expected steps " + each + ", got " + steps.getShape());
        }
        if ((labels == null) != (classes == null)
                || (labels != null && !labels.getShape().equals(each))) {
            throw new IllegalArgumentException("expected " + (classes == null ? "no labels" : "labels " + each)
                    + ", got " + (labels == null ? "none" : labels.getShape()));
        }
    }

    /** The number of each step as sinusoids: (N) to (N, width). */
    private NDArray waves(NDArray steps) {
        int half = config.width / 2;
        float[] frequencies = new float[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = (float) Math.pow(SLOWEST, -i / (half - 1.));
        }
        NDArray angles = steps.toType(DataType.FLOAT32, false)
                .reshape(steps.getShape().get(0), 1)
                .mul(steps.getManager().create(frequencies, new Shape(1, half)));
        return angles.sin().concat(angles.cos(), 1);
    }

    private static GroupNorm groups(int channels) {
        int groups = Math.max(1, Math.min(MOST_GROUPS, Integer.lowestOneBit(channels) / FEWEST_CHANNELS));
        return new GroupNorm(groups, channels, EPS);
    }

    /** What a block does to the size of maps, behind all else. */
    private enum Move {
        STAY,
        HALVE,
        DOUBLE
    }

    /** A place of the U: a residual block, an attention behind it, a change of size; or some of these. */
    private static final class Unit extends NamedBlock {

        private final Residual block;
        private final Attention attention;
        private final Move move;
        private final Conv2d resize;

        /** A change of size alone. */
        Unit(int channels, Move move) {
            this(null, null, channels, move);
        }

        Unit(Config config, int in, int out, boolean attentive, Move move) {
            this(new Residual(config, in, out), attentive ? new Attention(out) : null, out, move);
        }

        private Unit(Residual block, Attention attention, int out, Move move) {
            this.block = block == null ? null : child("block", block);
            this.attention = attention == null ? null : child("attention", attention);
            this.move = move;
            Window window = move == Move.HALVE ? WINDOW.stride(2) : WINDOW;
            resize = move == Move.STAY ? null : child("resize", new Conv2d(out, out, window));
        }

        NDArray forward(NDArray x, NDArray heard, Pass pass) {
            NDArray y = block == null ? x : block.forward(x, heard, pass);
            y = attention == null ? y : attention.forward(y, pass);
            if (move == Move.DOUBLE) {
                y = Resize.nearest(y, 2 * y.getShape().get(2), 2 * y.getShape().get(3));
            }
            return resize == null ? y : resize.forward(y, pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), pass));
        }
    }

    /** (N, in, H, W) to (N, out, H, W), told what the step is. */
    private static final class Residual extends NamedBlock {

        private final GroupNorm norm1;
        private final Conv2d conv1;
        private final Linear time;
        private final GroupNorm norm2;
        private final Dropout dropout;
        private final Conv2d conv2;
        private final Conv2d skip;

        Residual(Config config, int in, int out) {
            norm1 = child("norm1", groups(in));
            conv1 = child("conv1", new Conv2d(in, out, WINDOW));
            time = child("time", new Linear(config.told(), out));
            norm2 = child("norm2", groups(out));
            dropout = child("dropout", new Dropout(config.dropout));
            conv2 = child("conv2", new Conv2d(out, out, WINDOW, 1, true, Initializer.ZEROS));
            skip = in == out ? null : child("skip", new Conv2d(in, out, Window.of(1)));
        }

        NDArray forward(NDArray x, NDArray heard, Pass pass) {
            NDArray y = conv1.forward(Activations.silu(norm1.forward(x, pass)), pass); // (N, out, H, W)
            NDArray told = time.forward(heard, pass); // (N, out)
            y = y.add(told.reshape(told.getShape().get(0), told.getShape().get(1), 1, 1));
            y = dropout.forward(Activations.silu(norm2.forward(y, pass)), pass);
            return (skip == null ? x : skip.forward(x, pass)).add(conv2.forward(y, pass));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), pass));
        }
    }

    /** Every position asks all others; the shape stays. */
    private static final class Attention extends ArrayBlock {

        private final int channels;
        private final GroupNorm norm;
        private final Conv2d query;
        private final Conv2d key;
        private final Conv2d value;
        private final Conv2d out;

        Attention(int channels) {
            this.channels = channels;
            norm = child("norm", groups(channels));
            query = child("query", new Conv2d(channels, channels, Window.of(1)));
            key = child("key", new Conv2d(channels, channels, Window.of(1)));
            value = child("value", new Conv2d(channels, channels, Window.of(1)));
            out = child("out", new Conv2d(channels, channels, Window.of(1), 1, true, Initializer.ZEROS));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            Shape map = x.getShape();
            Shape flat = new Shape(map.get(0), channels, map.get(2) * map.get(3));
            NDArray y = norm.forward(x, pass);
            NDArray queries = query.forward(y, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, C)
            NDArray keys = key.forward(y, pass).reshape(flat); // (N, C, H W)
            NDArray values = value.forward(y, pass).reshape(flat).transpose(0, 2, 1); // (N, H W, C)
            NDArray weights =
                    Scalars.div(queries.matMul(keys), Math.sqrt(channels)).softmax(-1); // (N, H W, H W)
            NDArray mixed = weights.matMul(values).transpose(0, 2, 1).reshape(map);
            return x.add(out.forward(mixed, pass));
        }
    }
}
