package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Activations;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.LocallyConnected2d;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * DeepFace: two convolutions and three locally connected layers, whose weights differ from position to position because
 * an aligned face has its parts at known places.
 *
 * <p>Taigman et al. 2014, section 3 and figure 2; (N, 3, 152, 152) to (N, classes), no other H and W. No weights were
 * published, and no numbers to compare with: checked are the maps' sizes against figure 2 and the parameters against
 * their sum. The figure's sizes give 118.9 million for the paper's 4030 people, which the paper calls more than 120
 * million, and 99.96 % of them in the locally connected and linear layers, where it says more than 95 %. M2 keeps a last
 * window that sticks out, without which it would be 70 wide and not 71. Deviations: PyTorch's start; the paper
 * normalises F7's output for comparing faces, which is left to the caller.
 */
public final class DeepFace extends Backbone {

    private static final int SIZE = 152;

    private static final int C1 = 32;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param channels C of C3 and of the locally connected layers
     * @param features the length of F7, the face's representation
     * @param dropout the rate behind F7
     */
    public record Config(int inChannels, int classes, int channels, int features, double dropout) {

        /** Checks that there are channels, classes and features. */
        public Config {
            if (inChannels < 1 || classes < 1 || channels < 1 || features < 1) {
                throw new IllegalArgumentException("expected channels, classes and features of at least 1, got "
                        + inChannels + ", " + channels + ", " + classes + " and " + features);
            }
        }
    }

    /** Figure 2, with the usual dropout of 0.5. */
    public static DeepFace aligned(int inChannels, int classes) {
        return new DeepFace(new Config(inChannels, classes, 16, 4096, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "deepface",
                "classification",
                3,
                SIZE,
                SIZE,
                4030,
                "Taigman et al. 2014, figure 2",
                options -> aligned(options.inChannels(), options.classes())));
    }

    private final Conv2d c1;
    private final MaxPool2d m2;
    private final Conv2d c3;
    private final LocallyConnected2d l4;
    private final LocallyConnected2d l5;
    private final LocallyConnected2d l6;
    private final Linear f7;
    private final Dropout dropout;
    private final Linear f8;
    private final List<FeatureMap> featureMaps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public DeepFace(Config config) {
        int channels = config.channels;
        c1 = child("c1", new Conv2d(config.inChannels, C1, Window.of(11)));
        m2 = child("m2", new MaxPool2d(Window.of(3).stride(2), true));
        c3 = child("c3", new Conv2d(C1, channels, Window.of(9)));
        l4 = child("l4", new LocallyConnected2d(new Shape(channels, 63, 63), channels, Window.of(9)));
        Window halving = Window.of(7).stride(2);
        l5 = child("l5", new LocallyConnected2d(new Shape(channels, 55, 55), channels, halving));
        l6 = child("l6", new LocallyConnected2d(new Shape(channels, 25, 25), channels, Window.of(5)));
        f7 = child("f7", new Linear(channels * 21 * 21, config.features));
        dropout = child("dropout", new Dropout(config.dropout));
        f8 = child("f8", new Linear(config.features, config.classes));
        featureMaps = List.of(new FeatureMap(C1, 1), new FeatureMap(channels, 2), new FeatureMap(channels, 4));
    }

    /** C1, C3 and L6; nothing is padded, so that each is smaller than its stride says. */
    @Override
    public List<FeatureMap> featureMaps() {
        return featureMaps;
    }

    /**
     * Computes the feature maps.
     *
     * @return (N, 32, 142, 142), (N, 16, 63, 63) and (N, 16, 21, 21)
     * @throws IllegalArgumentException if the input is not 152x152
     */
    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || shape.get(2) != SIZE || shape.get(3) != SIZE) {
            throw new IllegalArgumentException(
                    "expected input (N, C, " + SIZE + ", " + SIZE + "), got " + shape + "; resize the images");
        }
        NDArray x1 = Activations.reluInPlace(c1.forward(x, pass)); // (N, 32, 142, 142)
        x = m2.forward(x1, pass); // (N, 32, 71, 71)
        NDArray x3 = Activations.reluInPlace(c3.forward(x, pass)); // (N, 16, 63, 63)
        x = Activations.reluInPlace(l4.forward(x3, pass)); // (N, 16, 55, 55)
        x = Activations.reluInPlace(l5.forward(x, pass)); // (N, 16, 25, 25)
        NDArray x6 = Activations.reluInPlace(l6.forward(x, pass)); // (N, 16, 21, 21)
        return new NDList(x1, x3, x6);
    }

    @Override
    public String head() {
        return "f8";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = new Flatten().forward(x, pass); // (N, 7056)
        x = Activations.reluInPlace(f7.forward(x, pass)); // (N, 4096)
        return f8.forward(dropout.forward(x, pass), pass); // (N, K)
    }
}
