package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import djinn.ops.TorchScript;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.StochasticDepth;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * Swin: attention inside small windows of the feature map, shifted by half a window in every other layer, over four
 * stages that each halve the resolution.
 *
 * <p>Liu et al. 2021, section 3.3, with torchvision's names: (N, 3, H, W) to (N, classes), any H and W from 32 on; maps
 * are padded to whole windows. Inside, maps are (N, H, W, C). Deviations: normal starts are not truncated. {@code
 * relative_position_index} in the state is no weight but a table that follows from the window.
 */
public final class SwinTransformer extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the channels of the first stage; each stage doubles them
     * @param depths the layers of each stage
     * @param heads the attention heads of each stage
     * @param window the edge of a window
     * @param stochasticDepth the drop rate of the last branch; they rise linearly from 0
     */
    public record Config(
            int inChannels,
            int classes,
            int width,
            List<Integer> depths,
            List<Integer> heads,
            int window,
            double stochasticDepth) {

        /** Checks that there is one number of heads per stage. */
        public Config {
            if (inChannels < 1 || classes < 1 || width < 1 || window < 1) {
                throw new IllegalArgumentException("expected channels, classes, width and window of at least 1, got "
                        + inChannels + ", " + classes + ", " + width + " and " + window);
            }
            depths = List.copyOf(depths);
            heads = List.copyOf(heads);
            if (depths.isEmpty() || depths.size() != heads.size()) {
                throw new IllegalArgumentException(
                        "expected one number of heads per stage, got depths " + depths + " and heads " + heads);
            }
        }

        /** The paper's Swin-T. */
        public static Config tiny(int inChannels, int classes) {
            return new Config(inChannels, classes, 96, List.of(2, 2, 6, 2), List.of(3, 6, 12, 24), 7, .2);
        }

        /** The paper's Swin-S. */
        public static Config small(int inChannels, int classes) {
            return new Config(inChannels, classes, 96, List.of(2, 2, 18, 2), List.of(3, 6, 12, 24), 7, .3);
        }

        /** The paper's Swin-B. */
        public static Config base(int inChannels, int classes) {
            return new Config(inChannels, classes, 128, List.of(2, 2, 18, 2), List.of(4, 8, 16, 32), 7, .5);
        }

        private int channels(int stage) {
            return width << stage;
        }
    }

    private static final double EPS = 1e-5;

    private static final int PATCH = 4;

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "swin_t",
                        224,
                        32,
                        "Liu et al. 2021, section 3.3",
                        o -> new SwinTransformer(Config.tiny(o.inChannels(), o.classes())))
                .withKeyMaps(List.of(stages("timm", 0), stages("microsoft", 1))));
    }

    private final Config config;
    private final Sequential features;
    private final LayerNorm norm;
    private final Linear head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public SwinTransformer(Config config) {
        this.config = config;
        int total = config.depths.stream().mapToInt(Integer::intValue).sum();
        List<ArrayBlock> parts = new ArrayList<>();
        parts.add(Sequential.of(
                new Conv2d(config.inChannels, config.width, Window.of(PATCH).stride(PATCH)),
                new ChannelsLast(),
                new LayerNorm(EPS, config.width)));
        int built = 0;
        for (int stage = 0; stage < config.depths.size(); stage++) {
            if (stage > 0) {
                parts.add(new PatchMerging(config.channels(stage - 1)));
            }
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < config.depths.get(stage); i++) {
                double drop = config.stochasticDepth * built / Math.max(1, total - 1);
                layers.add(new Layer(
                        config.channels(stage),
                        config.heads.get(stage),
                        config.window,
                        i % 2 == 0 ? 0 : config.window / 2,
                        drop));
                built++;
            }
            parts.add(Sequential.of(layers));
        }
        features = child("features", Sequential.of(parts));
        int last = config.channels(config.depths.size() - 1);
        norm = child("norm", new LayerNorm(EPS, last));
        head = child("head", new Linear(last, config.classes, true, Initializers.normal(.02f)));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        List<FeatureMap> maps = new ArrayList<>();
        for (int stage = 0; stage < config.depths.size(); stage++) {
            maps.add(new FeatureMap(config.channels(stage), PATCH << stage));
        }
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDList maps = new NDList();
        for (int stage = 0; stage < config.depths.size(); stage++) {
            // embedding or merging, then the stage's layers
            x = features.forward(x, pass, 2 * stage, 2 * stage + 2); // (N, H / stride, W / stride, C)
            maps.add(x.transpose(0, 3, 1, 2));
        }
        return maps;
    }

    @Override
    public String head() {
        return "head";
    }

    @Override
    public NDArray forwardHead(NDArray last, Pass pass) {
        NDArray x = norm.forward(last.transpose(0, 2, 3, 1), pass); // (N, H, W, C)
        return head.forward(Pool.globalAvgPool2d(x.transpose(0, 3, 1, 2)), pass);
    }

    /** (N, C, H, W) to (N, H, W, C). */
    private static final class ChannelsLast extends ArrayBlock {

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.transpose(0, 2, 3, 1);
        }
    }

    /** Joins 2x2 neighbours: (N, H, W, C) to (N, H / 2, W / 2, 2 C), odd edges padded with zeros. */
    private static final class PatchMerging extends ArrayBlock {

        private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def merge(x: Tensor) -> Tensor:
              n, h, w, c = torch.size(x)
              padded = torch.constant_pad_nd(x, [0, 0, 0, w % 2, 0, h % 2], 0)
              blocks = torch.reshape(padded, [n, torch.floordiv(h + 1, 2), 2, torch.floordiv(w + 1, 2), 2, c])
              return torch.flatten(torch.permute(blocks, [0, 1, 3, 4, 2, 5]), 3)
            """);

        private final Linear reduction;
        private final LayerNorm norm;

        PatchMerging(int channels) {
            reduction = child("reduction", new Linear(4 * channels, 2 * channels, false, Initializers.normal(.02f)));
            norm = child("norm", new LayerNorm(EPS, 4L * channels));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return reduction.forward(norm.forward(SCRIPT.call("merge", x), pass), pass);
        }
    }

    /** Window attention and two linear layers, each behind a norm in a residual branch. */
    private static final class Layer extends ArrayBlock {

        private final LayerNorm norm1;
        private final WindowAttention attention;
        private final StochasticDepth drop;
        private final LayerNorm norm2;
        private final Sequential mlp;

        Layer(int channels, int heads, int window, int shift, double dropRate) {
            norm1 = child("norm1", new LayerNorm(EPS, channels));
            attention = child("attn", new WindowAttention(channels, heads, window, shift));
            drop = child("stochastic_depth", new StochasticDepth(dropRate));
            norm2 = child("norm2", new LayerNorm(EPS, channels));
            Linear widen = new Linear(channels, 4 * channels, true, new XavierInitializer());
            Linear narrow = new Linear(4 * channels, channels, true, new XavierInitializer());
            // the names of torchvision's MLP, which has a dropout of rate 0 at 2
            mlp = child("mlp", Sequential.of(widen, Nonlinearity.GELU.layer(), Nonlinearity.IDENTITY.layer(), narrow));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = x.add(drop.forward(attention.forward(norm1.forward(x, pass), pass), pass));
            return x.add(drop.forward(mlp.forward(norm2.forward(x, pass), pass), pass));
        }
    }

    /** Attention inside windows with a learned bias per relative position; (N, H, W, C), the shape stays. */
    private static final class WindowAttention extends ArrayBlock {

        private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def regions(like: Tensor, size: int, window: int, shift: int) -> Tensor:
              at = torch.arange(size, dtype=4, device=ops.prim.device(like))
              if shift == 0:
                region = torch.zeros_like(at)
              else:
                region = torch.add(torch.to(torch.ge(at, size - window), 4), torch.to(torch.ge(at, size - shift), 4))
              return region

            def windows(x: Tensor, window: int) -> Tensor:
              n, h, w, c = torch.size(x)
              y = torch.view(x, [n, torch.floordiv(h, window), window, torch.floordiv(w, window), window, c])
              return torch.reshape(torch.permute(y, [0, 1, 3, 2, 4, 5]), [-1, window * window, c])

            def attend(x: Tensor, weight: Tensor, bias: Tensor, table: Tensor, index: Tensor, heads: int, window: int, shift: int) -> Tensor:
              n, h, w, c = torch.size(x)
              area = window * window
              down = (window - h % window) % window
              right = (window - w % window) % window
              y = torch.constant_pad_nd(x, [0, 0, 0, right, 0, down], 0)
              ph = h + down
              pw = w + right
              # a map of one window is not shifted
              sh = shift
              if window >= ph:
                sh = 0
              sw = shift
              if window >= pw:
                sw = 0
              shifted = sh + sw > 0
              if shifted:
                y = torch.roll(y, [-sh, -sw], [1, 2])
              y = self.windows(torch.contiguous(y), window)
              b = torch.size(y, 0)
              qkv = torch.reshape(torch.linear(y, weight, bias), [b, area, 3, heads, torch.floordiv(c, heads)])
              q, k, v = torch.unbind(torch.permute(qkv, [2, 0, 3, 1, 4]), 0)
              q = torch.mul(q, torch.pow(float(torch.floordiv(c, heads)), -0.5))
              scores = torch.matmul(q, torch.transpose(k, -2, -1))
              near = torch.reshape(torch.index_select(table, 0, index), [area, area, heads])
              scores = torch.add(scores, torch.unsqueeze(torch.permute(near, [2, 0, 1]), 0))
              if shifted:
                rows = torch.view(self.regions(x, ph, window, sh), [1, ph, 1, 1])
                columns = torch.view(self.regions(x, pw, window, sw), [1, 1, pw, 1])
                region = torch.squeeze(self.windows(torch.add(torch.mul(rows, 3), columns), window), 2)
                apart = torch.ne(torch.unsqueeze(region, 1), torch.unsqueeze(region, 2))
                mask = torch.mul(torch.type_as(apart, scores), -100.)
                count = torch.size(mask, 0)
                scores = torch.reshape(scores, [n, count, heads, area, area])
                scores = torch.add(scores, torch.view(mask, [1, count, 1, area, area]))
                scores = torch.reshape(scores, [b, heads, area, area])
              y = torch.matmul(torch.softmax(scores, -1), v)
              y = torch.reshape(torch.transpose(y, 1, 2), [n, torch.floordiv(ph, window), torch.floordiv(pw, window), window, window, c])
              y = torch.reshape(torch.permute(y, [0, 1, 3, 2, 4, 5]), [n, ph, pw, c])
              if shifted:
                y = torch.roll(y, [sh, sw], [1, 2])
              return torch.contiguous(torch.slice(torch.slice(y, 1, 0, h), 2, 0, w))
            """);

        private final int heads;
        private final int window;
        private final int shift;
        private final Parameter table;
        private final Parameter index;
        private final Projection qkv;
        private final Linear proj;

        WindowAttention(int channels, int heads, int window, int shift) {
            this.heads = heads;
            this.window = window;
            this.shift = shift;
            long distances = 2L * window - 1;
            table = parameter(
                    "relative_position_bias_table",
                    Parameter.Type.OTHER,
                    Initializers.normal(.02f),
                    distances * distances,
                    heads);
            long[] rows = rows(window);
            Initializer fixed = (manager, shape, dataType) -> manager.create(rows, shape);
            index = buffer("relative_position_index", Parameter.Type.OTHER, fixed, rows.length);
            qkv = child("qkv", new Projection(channels));
            proj = child("proj", new Linear(channels, channels, true, Initializers.normal(.02f)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray attended = SCRIPT.call(
                    "attend",
                    x,
                    pass.value(qkv.weight, x),
                    pass.value(qkv.bias, x),
                    pass.value(table, x),
                    pass.value(index, x),
                    heads,
                    window,
                    shift);
            return proj.forward(attended, pass);
        }

        /** The row of the table for every pair of positions in a window. */
        private static long[] rows(int window) {
            int area = window * window;
            long[] rows = new long[area * area];
            for (int from = 0; from < area; from++) {
                for (int to = 0; to < area; to++) {
                    int down = from / window - to / window + window - 1;
                    int right = from % window - to % window + window - 1;
                    rows[from * area + to] = (long) down * (2 * window - 1) + right;
                }
            }
            return rows;
        }
    }

    /** The weights of queries, keys and values, which the script applies. */
    private static final class Projection extends ArrayBlock {

        private final Parameter weight;
        private final Parameter bias;

        Projection(int channels) {
            weight = parameter("weight", Parameter.Type.WEIGHT, Initializers.normal(.02f), 3L * channels, channels);
            bias = parameter("bias", Parameter.Type.BIAS, Initializer.ZEROS, 3L * channels);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.getNDArrayInternal()
                    .linear(x, pass.value(weight, x), pass.value(bias, x))
                    .singletonOrThrow();
        }
    }

    /**
     * Both number the stages from 0, timm with the merging of patches at the front of the stage it leads to,
     * microsoft/Swin-Transformer and timm's older files at the back of the stage before: one stage later.
     */
    private static KeyMap stages(String style, int later) {
        List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                KeyMap.drop("\\.(?:relative_position_index|attn_mask)$"),
                KeyMap.rename("^patch_embed\\.proj\\.", "features.0.0."),
                KeyMap.rename("^patch_embed\\.norm\\.", "features.0.2.")));
        for (int stage = 0; stage < 4; stage++) {
            String from = "^layers\\." + stage + "\\.";
            rules.add(KeyMap.rename(from + "downsample\\.", "features." + 2 * (stage + later) + "."));
            rules.add(KeyMap.rename(from + "blocks\\.", "features." + (2 * stage + 1) + "."));
        }
        rules.addAll(List.of(
                KeyMap.rename("\\.mlp\\.fc1\\.", ".mlp.0."),
                KeyMap.rename("\\.mlp\\.fc2\\.", ".mlp.3."),
                KeyMap.rename("^head\\.fc\\.", "head.")));
        return new KeyMap(style, rules);
    }
}
