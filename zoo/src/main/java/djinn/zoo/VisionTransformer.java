package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AttentionMask;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MultiheadAttention;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * ViT: an image cut into patches, a Transformer encoder over them and a class token in front, whose output makes the
 * logits.
 *
 * <p>Dosovitskiy et al. 2021, table 1, with torchvision's names: (N, 3, size, size) to (N, classes). Positions are
 * learned, so the size is fixed. Deviation: the last linear layer starts normal with deviation 0.02 where the reference
 * starts at zero, which keeps everything below from learning at the first step.
 */
public final class VisionTransformer extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param size H and W of the input, a multiple of the patch
     * @param patch the edge of a patch
     * @param depth the number of layers
     * @param heads the attention heads of a layer; divides the width
     * @param width the length of the vectors
     * @param hidden the length between a layer's two linear layers
     * @param dropout the share dropped of the patches' vectors and of every branch
     */
    public record Config(
            int inChannels,
            int classes,
            int size,
            int patch,
            int depth,
            int heads,
            int width,
            int hidden,
            double dropout) {

        /** Checks that the patches cover the image. */
        public Config {
            if (inChannels < 1 || classes < 1 || depth < 1 || patch < 1 || size < patch || size % patch != 0) {
                throw new IllegalArgumentException(
                        "expected channels, classes and layers of at least 1 and a size in patches, got " + inChannels
                                + ", " + classes + ", " + depth + " and size " + size + " in patches of " + patch);
            }
        }

        /** The paper's base model at 224 pixels. */
        public static Config base(int inChannels, int classes, int patch) {
            return new Config(inChannels, classes, 224, patch, 12, 12, 768, 3072, 0);
        }

        /** The paper's large model at 224 pixels. */
        public static Config large(int inChannels, int classes, int patch) {
            return new Config(inChannels, classes, 224, patch, 24, 16, 1024, 4096, 0);
        }
    }

    private static final double EPS = 1e-6;

    static List<ModelEntry> entries() {
        return Stream.of(
                        ModelEntry.imageNet(
                                "vit_b_16",
                                224,
                                224,
                                "Dosovitskiy et al. 2021, table 1",
                                o -> new VisionTransformer(Config.base(o.inChannels(), o.classes(), 16))),
                        ModelEntry.imageNet(
                                "vit_b_32",
                                224,
                                224,
                                "Dosovitskiy et al. 2021, table 1",
                                o -> new VisionTransformer(Config.base(o.inChannels(), o.classes(), 32))))
                .map(entry -> entry.withKeyMaps(List.of(LEGACY, TIMM)))
                .toList();
    }

    private final Config config;
    private final Parameter classToken;
    private final Conv2d projection;
    private final Encoder encoder;
    private final Sequential heads;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public VisionTransformer(Config config) {
        this.config = config;
        int width = config.width;
        classToken = parameter("class_token", Parameter.Type.OTHER, Initializer.ZEROS, 1, 1, width);
        float deviation = (float) Math.sqrt(1.0 / ((double) config.inChannels * config.patch * config.patch));
        Window window = Window.of(config.patch).stride(config.patch);
        projection = child(
                "conv_proj", new Conv2d(config.inChannels, width, window, 1, true, Initializers.normal(deviation)));
        encoder = child("encoder", new Encoder(config));
        heads = child(
                "heads",
                new Sequential(Map.of("head", new Linear(width, config.classes, true, Initializers.normal(.02f)))));
    }

    @Override
    public String head() {
        return "heads.head";
    }

    /**
     * Computes the logits.
     *
     * @throws IllegalArgumentException if the input is of another size than the network was built for
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || shape.get(2) != config.size || shape.get(3) != config.size) {
            throw new IllegalArgumentException("expected input (N, " + config.inChannels + ", " + config.size + ", "
                    + config.size + "), got " + shape);
        }
        long n = shape.get(0);
        x = projection.forward(x, pass); // (N, d, size / patch, size / patch)
        x = x.reshape(new Shape(n, config.width, -1)).transpose(0, 2, 1); // (N, patches, d)
        NDArray first = Pass.freedWith(pass.value(classToken, x).broadcast(new Shape(n, 1, config.width)), x);
        x = encoder.forward(NDArrays.concat(new NDList(first, x), 1), pass); // (N, 1 + patches, d)
        return heads.forward(x.get(new NDIndex(":, 0")), pass);
    }

    /** Adds positions and runs the layers and a last norm. */
    private static final class Encoder extends ArrayBlock {

        private final Parameter positions;
        private final Dropout dropout;
        private final Sequential layers;
        private final LayerNorm ln;

        Encoder(Config config) {
            int edge = config.size / config.patch;
            positions = parameter(
                    "pos_embedding",
                    Parameter.Type.OTHER,
                    Initializers.normal(.02f),
                    1,
                    1 + (long) edge * edge,
                    config.width);
            dropout = child("dropout", new Dropout(config.dropout));
            Map<String, EncoderLayer> named = new LinkedHashMap<>();
            for (int i = 0; i < config.depth; i++) {
                named.put("encoder_layer_" + i, new EncoderLayer(config));
            }
            layers = child("layers", new Sequential(named));
            ln = child("ln", new LayerNorm(EPS, config.width));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = dropout.forward(x.add(pass.value(positions, x)), pass);
            return ln.forward(layers.forward(x, pass), pass);
        }
    }

    /** Self-attention and two linear layers, each behind a norm in a residual branch. */
    private static final class EncoderLayer extends ArrayBlock {

        private final LayerNorm ln1;
        private final MultiheadAttention selfAttention;
        private final Dropout dropout;
        private final LayerNorm ln2;
        private final Sequential mlp;

        EncoderLayer(Config config) {
            int width = config.width;
            ln1 = child("ln_1", new LayerNorm(EPS, width));
            selfAttention = child("self_attention", new MultiheadAttention(width, config.heads));
            dropout = child("dropout", new Dropout(config.dropout));
            ln2 = child("ln_2", new LayerNorm(EPS, width));
            mlp = child(
                    "mlp",
                    Sequential.of(
                            new Linear(width, config.hidden, true, new XavierInitializer()),
                            Nonlinearity.GELU.layer(),
                            new Dropout(config.dropout),
                            new Linear(config.hidden, width, true, new XavierInitializer()),
                            new Dropout(config.dropout)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = ln1.forward(x, pass);
            y = selfAttention.forward(y, y, y, AttentionMask.NONE, pass);
            x = x.add(dropout.forward(y, pass));
            return x.add(mlp.forward(ln2.forward(x, pass), pass));
        }
    }

    /** Files from before torchvision numbered the two linear layers. */
    private static final KeyMap LEGACY = new KeyMap(
            "legacy torchvision",
            List.of(
                    KeyMap.rename("\\.mlp\\.linear_1\\.", ".mlp.0."),
                    KeyMap.rename("\\.mlp\\.linear_2\\.", ".mlp.3.")));

    /** timm's {@code vit_base_patch16_224} and {@code vit_base_patch32_224}. */
    private static final KeyMap TIMM = new KeyMap(
            "timm",
            List.of(
                    KeyMap.rename("^cls_token$", "class_token"),
                    KeyMap.rename("^pos_embed$", "encoder.pos_embedding"),
                    KeyMap.rename("^patch_embed\\.proj\\.", "conv_proj."),
                    KeyMap.rename("^blocks\\.(\\d+)\\.", "encoder.layers.encoder_layer_$1."),
                    KeyMap.rename("\\.norm1\\.", ".ln_1."),
                    KeyMap.rename("\\.attn\\.qkv\\.", ".self_attention.in_proj_"),
                    KeyMap.rename("\\.attn\\.proj\\.", ".self_attention.out_proj."),
                    KeyMap.rename("\\.norm2\\.", ".ln_2."),
                    KeyMap.rename("\\.mlp\\.fc1\\.", ".mlp.0."),
                    KeyMap.rename("\\.mlp\\.fc2\\.", ".mlp.3."),
                    KeyMap.rename("^norm\\.", "encoder.ln."),
                    KeyMap.rename("^head\\.", "heads.head.")));
}
