package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TransposedConvolution;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * What tells the pixels of a region, for each class: four convolutions, one that doubles the side and one of a single pixel
 * (He et al. 2017, figure 4, right): (F, C, side, side) to (F, K + 1, 2 side, 2 side), the background's first. Names are those
 * of torchvision's {@code roi_heads}.
 */
final class MaskHead extends NamedBlock {

    private static final int CONVOLUTIONS = 4;

    /** Small at the start, as in Detectron; torchvision's start would be large where there are few classes. */
    private static final float START = .001f;

    private final Sequential convolutions;
    private final Predictor predictor;

    MaskHead(int width, int classes) {
        List<ArrayBlock> layers = new ArrayList<>();
        for (int i = 0; i < CONVOLUTIONS; i++) {
            Conv2d convolution =
                    new Conv2d(width, width, Window.of(3).padding(1), 1, true, Initializers.heNormalFanOut());
            layers.add(Sequential.of(convolution, Nonlinearity.RELU.layer()));
        }
        convolutions = child("mask_head", Sequential.of(layers.toArray(ArrayBlock[]::new)));
        predictor = child("mask_predictor", new Predictor(width, classes + 1));
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(forward(inputs.get(0), pass));
    }

    NDArray forward(NDArray cut, Pass pass) {
        return predictor.forward(convolutions.forward(cut, pass), pass);
    }

    /** (F, width, side, side) to (F, all, 2 side, 2 side). */
    private static final class Predictor extends NamedBlock {

        private final ConvTranspose2d doubling;
        private final Conv2d logits;

        Predictor(int width, int all) {
            doubling = child(
                    "conv5_mask",
                    new ConvTranspose2d(
                            width,
                            width,
                            2,
                            TransposedConvolution.Geometry.ofStride(2),
                            true,
                            Initializers.heNormalFanOut()));
            logits =
                    child("mask_fcn_logits", new Conv2d(width, all, Window.of(1), 1, true, Initializers.normal(START)));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), pass));
        }

        NDArray forward(NDArray x, Pass pass) {
            x = Nonlinearity.RELU.apply(doubling.forward(x, pass)); // (F, width, 2 side, 2 side)
            return logits.forward(x, pass);
        }
    }
}
