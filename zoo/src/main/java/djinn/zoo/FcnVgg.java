package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import djinn.ops.Activations;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * FCN-32s, 16s and 8s: VGG16 with its linear layers slid over the image as convolutions; their coarse scores are
 * enlarged by transposed convolutions, and scores of finer feature maps are added on the way.
 *
 * <p>Long et al. 2015, section 4 and figure 3, column D of VGG's table 1; (N, 3, H, W) to (N, classes, H, W), any H
 * and W. Names, the padding of 100 and the offsets of the crops are the authors', hence those of the checkpoints
 * converted from Caffe ({@code fcn32s_from_caffe.pth} and so on, for BGR images of 0 to 255 less their mean). The
 * convolutions up to {@code conv5_3} take torchvision's {@code vgg16} {@code features} in order, {@code fc6} and {@code
 * fc7} its linear layers reshaped to (4096, 512, 7, 7) and (4096, 4096, 1, 1). Deviations: without VGG's
 * weights the trunk starts as He et al. 2015 say and {@code fc6}, {@code fc7} and the scores start small, where the
 * authors' starts at zero; and the transposed convolutions, which start bilinear, are all trained.
 */
public final class FcnVgg extends ArrayBlock implements Headed {

    private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512, 512);
    private static final List<Integer> CONVOLUTIONS = List.of(2, 2, 3, 3, 3);
    private static final int HIDDEN = 4096;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param stride the pixels between the finest scores: 32, 16 or 8
     * @param dropout the rate behind the two hidden layers
     */
    public record Config(int inChannels, int classes, int stride, double dropout) {

        /** Checks that there are channels and classes and that the stride is one of the three. */
        public Config {
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
            if (stride != 32 && stride != 16 && stride != 8) {
                throw new IllegalArgumentException("expected a stride of 32, 16 or 8, got " + stride);
            }
        }
    }

    /** FCN-32s: without skips. */
    public static FcnVgg fcn32s(int inChannels, int classes) {
        return new FcnVgg(new Config(inChannels, classes, 32, .5));
    }

    /** FCN-16s: with the scores of the fourth block. */
    public static FcnVgg fcn16s(int inChannels, int classes) {
        return new FcnVgg(new Config(inChannels, classes, 16, .5));
    }

    /** FCN-8s: with the scores of the fourth and third blocks. */
    public static FcnVgg fcn8s(int inChannels, int classes) {
        return new FcnVgg(new Config(inChannels, classes, 8, .5));
    }

    static List<ModelEntry> entries() {
        String task = "segmentation";
        String paper = "Long et al. 2015, table 2, FCN-";
        return List.of(
                new ModelEntry(
                        "fcn32s_vgg16", task, 3, 500, 32, 21, paper + "32s", o -> fcn32s(o.inChannels(), o.classes())),
                new ModelEntry(
                        "fcn16s_vgg16", task, 3, 500, 32, 21, paper + "16s", o -> fcn16s(o.inChannels(), o.classes())),
                new ModelEntry(
                        "fcn8s_vgg16", task, 3, 500, 32, 21, paper + "8s", o -> fcn8s(o.inChannels(), o.classes())));
    }

    private final int stride;
    private final List<List<Conv2d>> blocks = new ArrayList<>();
    private final MaxPool2d pool = new MaxPool2d(Window.of(2).stride(2), true);
    private final Conv2d fc6;
    private final Conv2d fc7;
    private final Dropout dropout;
    private final Conv2d scoreFr;
    private final Conv2d scorePool3;
    private final Conv2d scorePool4;
    private final ConvTranspose2d upscore2;
    private final ConvTranspose2d upscorePool4;
    private final ConvTranspose2d upscore;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public FcnVgg(Config config) {
        stride = config.stride;
        int k = config.classes;
        int in = config.inChannels;
        for (int block = 0; block < WIDTHS.size(); block++) {
            int out = WIDTHS.get(block);
            List<Conv2d> convolutions = new ArrayList<>();
            for (int i = 0; i < CONVOLUTIONS.get(block); i++) {
                // the border leaves room for fc6 and for the crops
                Window window = Window.of(3).padding(block == 0 && i == 0 ? 100 : 1);
                Conv2d conv = new Conv2d(in, out, window, 1, true, Initializers.heNormalFanOut(out * 9L));
                convolutions.add(child("conv" + (block + 1) + "_" + (i + 1), conv));
                in = out;
            }
            blocks.add(convolutions);
        }
        fc6 = child("fc6", conv(512, HIDDEN, 7));
        fc7 = child("fc7", conv(HIDDEN, HIDDEN, 1));
        dropout = new Dropout(config.dropout);
        scoreFr = child("score_fr", conv(HIDDEN, k, 1));
        scorePool3 = stride < 16 ? child("score_pool3", conv(256, k, 1)) : null;
        scorePool4 = stride < 32 ? child("score_pool4", conv(512, k, 1)) : null;
        upscore2 = stride < 32 ? child("upscore2", enlargement(k, 2)) : null;
        upscore = child(stride == 32 ? "upscore" : "upscore" + stride, enlargement(k, stride));
        upscorePool4 = stride < 16 ? child("upscore_pool4", enlargement(k, 2)) : null;
    }

    @Override
    public String head() {
        return stride == 32 ? "upscore" : stride == 16 ? "upscore16" : "upscore_pool4";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray pool3 = block(block(block(x, 0, pass), 1, pass), 2, pass); // (N, 256, (H+198)/8, (W+198)/8)
        NDArray pool4 = block(pool3, 3, pass); // (N, 512, (H+198)/16, (W+198)/16)
        NDArray y = block(pool4, 4, pass); // (N, 512, (H+198)/32, (W+198)/32)
        y = dropout.forward(Activations.reluInPlace(fc6.forward(y, pass)), pass); // (N, 4096, (H+6)/32, (W+6)/32)
        y = dropout.forward(Activations.reluInPlace(fc7.forward(y, pass)), pass);
        y = scoreFr.forward(y, pass); // (N, K, (H+6)/32, (W+6)/32)
        if (stride == 32) {
            y = upscore.forward(y, pass); // (N, K, H+38, W+38)
            return crop(y, 19, x); // (N, K, H, W)
        }
        y = upscore2.forward(y, pass); // (N, K, (H+38)/16, (W+38)/16)
        y = y.add(crop(scorePool4.forward(pool4, pass), 5, y));
        if (stride == 16) {
            y = upscore.forward(y, pass); // (N, K, H+54, W+54)
            return crop(y, 27, x); // (N, K, H, W)
        }
        y = upscorePool4.forward(y, pass); // (N, K, (H+54)/8, (W+54)/8)
        y = y.add(crop(scorePool3.forward(pool3, pass), 9, y));
        y = upscore.forward(y, pass); // (N, K, H+62, W+62)
        return crop(y, 31, x); // (N, K, H, W)
    }

    private NDArray block(NDArray x, int block, Pass pass) {
        for (Conv2d conv : blocks.get(block)) {
            x = Activations.reluInPlace(conv.forward(x, pass));
        }
        return pool.forward(x, pass);
    }

    /** Cuts H and W to those of another map. */
    private static NDArray crop(NDArray y, long offset, NDArray like) {
        long height = like.getShape().get(2);
        long width = like.getShape().get(3);
        return y.get(
                new NDIndex().addAllDim(2).addSliceDim(offset, offset + height).addSliceDim(offset, offset + width));
    }

    private static Conv2d conv(int in, int out, int kernel) {
        return new Conv2d(in, out, Window.of(kernel), 1, true, Initializers.normal(.01f));
    }

    private static ConvTranspose2d enlargement(int classes, int factor) {
        return new ConvTranspose2d(
                classes, classes, 2 * factor, Geometry.ofStride(factor), false, Initializers.bilinear());
    }
}
