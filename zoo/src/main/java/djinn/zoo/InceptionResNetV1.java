package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Branches;
import djinn.zoo.nn.ConvNorm;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.InceptionResidual;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * Inception-ResNet v1 as it embeds faces: Inception modules whose output is scaled down and added to their input; the
 * result is a vector of length 1, and the distance of two vectors tells two people apart.
 *
 * <p>Szegedy et al. 2017 ("Inception-v4, Inception-ResNet"), figures 10 to 15; the embedding of Schroff et al. 2015
 * (FaceNet). (N, 3, 160, 160) to (N, embedding), any H and W from 75 on. Names and numbers equal facenet-pytorch's
 * {@code InceptionResnetV1} with {@code classify} off; its checkpoints hold a layer {@code logits} that is not here.
 * Deviations: none from facenet-pytorch.
 */
public final class InceptionResNetV1 extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param embedding the length of the vectors
     * @param dropout the rate before the embedding
     */
    public record Config(int inChannels, int embedding, double dropout) {

        /** Checks that there are channels and an embedding. */
        public Config {
            if (inChannels < 1 || embedding < 1) {
                throw new IllegalArgumentException(
                        "expected channels and an embedding of at least 1, got " + inChannels + " and " + embedding);
            }
        }
    }

    /** The network of figure 15 with FaceNet's embedding, with facenet-pytorch's dropout. */
    public static InceptionResNetV1 face(int inChannels, int embedding) {
        return new InceptionResNetV1(new Config(inChannels, embedding, .6));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                        "inception_resnet_v1",
                        "embedding",
                        3,
                        160,
                        75,
                        512,
                        "Szegedy et al. 2017, figure 15",
                        options -> face(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(FACENET)));
    }

    private final ConvNorm conv2d1a;
    private final ConvNorm conv2d2a;
    private final ConvNorm conv2d2b;
    private final MaxPool2d maxpool3a;
    private final ConvNorm conv2d3b;
    private final ConvNorm conv2d4a;
    private final ConvNorm conv2d4b;
    private final Sequential repeat1;
    private final Branches mixed6a;
    private final Sequential repeat2;
    private final Branches mixed7a;
    private final Sequential repeat3;
    private final InceptionResidual block8;
    private final Dropout dropout;
    private final Linear lastLinear;
    private final BatchNorm2d lastBn;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public InceptionResNetV1(Config config) {
        conv2d1a = child(
                "conv2d_1a", new ConvNorm(config.inChannels, 32, Window.of(3).stride(2)));
        conv2d2a = child("conv2d_2a", new ConvNorm(32, 32, Window.of(3)));
        conv2d2b = child("conv2d_2b", new ConvNorm(32, 64, Window.of(3).padding(1)));
        maxpool3a = child("maxpool_3a", new MaxPool2d(Window.of(3).stride(2), false));
        conv2d3b = child("conv2d_3b", new ConvNorm(64, 80, Window.of(1)));
        conv2d4a = child("conv2d_4a", new ConvNorm(80, 192, Window.of(3)));
        conv2d4b = child("conv2d_4b", new ConvNorm(192, 256, Window.of(3).stride(2)));
        List<ArrayBlock> blocks35 = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            blocks35.add(block35());
        }
        repeat1 = child("repeat_1", Sequential.of(blocks35));
        mixed6a = child("mixed_6a", reductionA());
        List<ArrayBlock> blocks17 = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            blocks17.add(block17());
        }
        repeat2 = child("repeat_2", Sequential.of(blocks17));
        mixed7a = child("mixed_7a", reductionB());
        List<ArrayBlock> blocks8 = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            blocks8.add(block8(.2, Nonlinearity.RELU));
        }
        repeat3 = child("repeat_3", Sequential.of(blocks8));
        block8 = child("block8", block8(1, Nonlinearity.IDENTITY));
        dropout = child("dropout", new Dropout(config.dropout));
        lastLinear = child("last_linear", new Linear(1792, config.embedding, false));
        lastBn = child("last_bn", new BatchNorm2d(config.embedding, 1e-3, .1));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(256, 8), new FeatureMap(896, 16), new FeatureMap(1792, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv2d2a.forward(conv2d1a.forward(x, pass), pass); // (N, 32, 77, 77)
        x = conv2d2b.forward(x, pass); // (N, 64, 77, 77)
        x = maxpool3a.forward(x, pass); // (N, 64, 38, 38)
        x = conv2d4a.forward(conv2d3b.forward(x, pass), pass); // (N, 192, 36, 36)
        x = conv2d4b.forward(x, pass); // (N, 256, 17, 17)
        NDArray fine = repeat1.forward(x, pass); // (N, 256, 17, 17)
        x = mixed6a.forward(fine, pass); // (N, 896, 8, 8)
        NDArray middle = repeat2.forward(x, pass); // (N, 896, 8, 8)
        x = mixed7a.forward(middle, pass); // (N, 1792, 3, 3)
        x = block8.forward(repeat3.forward(x, pass), pass); // (N, 1792, 3, 3)
        return new NDList(fine, middle, x);
    }

    @Override
    public String head() {
        return "last_linear";
    }

    /**
     * Computes the embedding.
     *
     * @param features the last feature map
     * @param pass the pass
     * @return (N, embedding), each row of length 1
     */
    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 1792)
        x = lastLinear.forward(dropout.forward(x, pass), pass); // (N, embedding)
        return lastBn.forward(x, pass).normalize(2, 1, 1e-12);
    }

    /** Figure 10: (N, 256, H, W) to the same. */
    private static InceptionResidual block35() {
        return new InceptionResidual(
                256,
                96,
                .17,
                Nonlinearity.RELU,
                new ConvNorm(256, 32, Window.of(1)),
                Sequential.of(
                        new ConvNorm(256, 32, Window.of(1)),
                        new ConvNorm(32, 32, Window.of(3).padding(1))),
                Sequential.of(
                        new ConvNorm(256, 32, Window.of(1)),
                        new ConvNorm(32, 32, Window.of(3).padding(1)),
                        new ConvNorm(32, 32, Window.of(3).padding(1))));
    }

    /** Figure 7 with k, l, m, n = 192, 192, 256, 384: (N, 256, H, W) to (N, 896, H/2, W/2). */
    private static Branches reductionA() {
        return Branches.of(
                new ConvNorm(256, 384, Window.of(3).stride(2)),
                Sequential.of(
                        new ConvNorm(256, 192, Window.of(1)),
                        new ConvNorm(192, 192, Window.of(3).padding(1)),
                        new ConvNorm(192, 256, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    /** Figure 11: (N, 896, H, W) to the same. */
    private static InceptionResidual block17() {
        return new InceptionResidual(
                896,
                256,
                .1,
                Nonlinearity.RELU,
                new ConvNorm(896, 128, Window.of(1)),
                Sequential.of(
                        new ConvNorm(896, 128, Window.of(1)),
                        new ConvNorm(128, 128, Window.of(1, 7).padding(0, 3)),
                        new ConvNorm(128, 128, Window.of(7, 1).padding(3, 0))));
    }

    /** Figure 12: (N, 896, H, W) to (N, 1792, H/2, W/2). */
    private static Branches reductionB() {
        return Branches.of(
                Sequential.of(
                        new ConvNorm(896, 256, Window.of(1)),
                        new ConvNorm(256, 384, Window.of(3).stride(2))),
                Sequential.of(
                        new ConvNorm(896, 256, Window.of(1)),
                        new ConvNorm(256, 256, Window.of(3).stride(2))),
                Sequential.of(
                        new ConvNorm(896, 256, Window.of(1)),
                        new ConvNorm(256, 256, Window.of(3).padding(1)),
                        new ConvNorm(256, 256, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    /** Figure 13: (N, 1792, H, W) to the same. */
    private static InceptionResidual block8(double scale, Nonlinearity function) {
        return new InceptionResidual(
                1792,
                384,
                scale,
                function,
                new ConvNorm(1792, 192, Window.of(1)),
                Sequential.of(
                        new ConvNorm(1792, 192, Window.of(1)),
                        new ConvNorm(192, 192, Window.of(1, 3).padding(0, 1)),
                        new ConvNorm(192, 192, Window.of(3, 1).padding(1, 0))));
    }

    /** The published files hold the classifier they were trained with, which an embedding has no use for. */
    private static final KeyMap FACENET = new KeyMap("facenet-pytorch", List.of(KeyMap.drop("^logits\\.")));
}
