package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.MaskedConv2d;
import djinn.zoo.nn.MaskedConv2d.Mask;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import java.util.stream.Stream;

/**
 * Masked convolutions in residual blocks, which tell all values of an image at once: images (N, C, H, W) to logits (N,
 * levels, C, H, W).
 *
 * <p>Van den Oord et al. 2016, Pixel Recurrent Neural Networks, sections 3.3 and 3.5, table 1 and figure 5 (left). Its
 * kernels leave a blind spot: what lies above and far enough to the right is never seen. State: {@code stem}, {@code
 * blocks.0.reduce}, {@code .conv} and {@code .expand} and so on, {@code head.hidden}, {@code head.out}, masked
 * convolutions all. Deviations: none in the form; the weights start as PyTorch's convolutions, of which the paper does not
 * tell.
 */
public final class PixelCnn extends PixelModel {

    private static final int STEM = 7;
    private static final int KERNEL = 3;

    /**
     * What the paper varies.
     *
     * @param channels C of the images
     * @param levels how many levels a value may have; 256, or 2 for MNIST, in the paper
     * @param width h, a multiple of C: maps between blocks have 2 h channels, those within h; 128 in the paper
     * @param blocks the number of residual blocks; 15 for CIFAR-10 in the paper
     * @param hidden the channels before the logits, a multiple of C; 1024 for CIFAR-10 in the paper
     */
    public record Config(int channels, int levels, int width, int blocks, int hidden) {

        /** Checks that all extents go together. */
        public Config {
            requireExtents(channels, levels, width, blocks, hidden);
        }
    }

    private final Config config;
    private final MaskedConv2d stem;
    private final LayerList<Block> blocks;
    private final PixelHead head;

    /**
     * A PixelCNN.
     *
     * @param config what varies
     */
    public PixelCnn(Config config) {
        this.config = config;
        int colours = config.channels;
        stem = child("stem", new MaskedConv2d(colours, 2 * config.width, STEM, Mask.A, colours));
        blocks = child(
                "blocks",
                new LayerList<>(Stream.generate(() -> new Block(config.width, colours))
                        .limit(config.blocks)
                        .toList()));
        head = child(HEAD, new PixelHead(2 * config.width, config.hidden, config.levels, colours));
    }

    /** Checks the extents that the models of the paper share. */
    static void requireExtents(int channels, int levels, int width, int layers, int hidden) {
        if (channels < 1 || levels < 2 || width < 1 || layers < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    "expected channels, a width, layers and hidden of at least 1 and levels of" + " at least 2, got "
                            + channels + ", " + width + ", " + layers + ", " + hidden + " and " + levels);
        }
        if (width % channels != 0 || hidden % channels != 0) {
            throw new IllegalArgumentException("expected a width and hidden that are multiples of the " + channels
                    + " channels of an image, got " + width + " and " + hidden);
        }
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
        for (Block block : blocks) {
            x = block.forward(x, pass);
        }
        return head.forward(x, pass); // (N, levels, C, H, W)
    }

    /** The rows that the stem and the blocks' convolutions see above the first one: zeros. */
    @Override
    public NDList begin(NDManager owner, long images, long width, NDArray labels, Pass pass) {
        NDList above = new NDList(zeros(owner, images, config.channels, stem.above(), width));
        for (Block block : blocks) {
            above.add(zeros(owner, images, config.width, block.conv.above(), width));
        }
        return above;
    }

    @Override
    public NDArray rowLogits(NDArray row, NDList above, NDArray labels, Pass pass) {
        return head.forward(run(row, above, new NDList(), pass), pass);
    }

    @Override
    public NDList nextRow(NDArray row, NDList above, NDArray labels, Pass pass) {
        NDList seen = new NDList();
        run(row, above, seen, pass);
        NDList next = new NDList();
        seen.forEach(rows -> next.add(last(rows, rows.getShape().get(2) - 1)));
        return next;
    }

    /** Runs a row, and lists what each convolution of several rows saw, the row itself below those above. */
    private NDArray run(NDArray row, NDList above, NDList seen, Pass pass) {
        NDArray image = above.get(0).concat(row, 2);
        seen.add(image);
        NDArray x = stem.forwardBelow(image, pass); // (N, 2 h, 1, W)
        for (Block block : blocks) {
            NDArray rows = above.get(seen.size()).concat(block.narrow(x, pass), 2);
            seen.add(rows);
            x = block.widen(block.conv.forwardBelow(rows, pass), x, pass);
        }
        return x;
    }

    /** To half the channels, a convolution of kernel 3, and back, beside what came in; ReLU before each. */
    private static final class Block extends NamedBlock {

        private final MaskedConv2d reduce;
        private final MaskedConv2d conv;
        private final MaskedConv2d expand;

        Block(int width, int colours) {
            reduce = child("reduce", new MaskedConv2d(2 * width, width, 1, Mask.B, colours));
            conv = child("conv", new MaskedConv2d(width, width, KERNEL, Mask.B, colours));
            expand = child("expand", new MaskedConv2d(width, 2 * width, 1, Mask.B, colours));
        }

        NDArray narrow(NDArray x, Pass pass) {
            return Nonlinearity.RELU.applyInPlace(reduce.forward(Nonlinearity.RELU.apply(x), pass)); // (N, h, H, W)
        }

        NDArray widen(NDArray y, NDArray x, Pass pass) {
            return x.add(expand.forward(Nonlinearity.RELU.applyInPlace(y), pass)); // (N, 2 h, H, W)
        }

        NDArray forward(NDArray x, Pass pass) {
            return widen(conv.forward(narrow(x, pass), pass), x, pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), pass));
        }
    }
}
