package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;

/**
 * Logits at every position of a feature map, as torchvision's segmenters compute them: (N, in, H, W) to (N, classes, H,
 * W).
 *
 * <p>A 3x3 convolution to a quarter of the channels, batch norm, ReLU, dropout 0.1 and a 1x1 convolution. State: {@code
 * 0}, {@code 1} and {@code 4}, their positions.
 */
public final class FcnHead extends ArrayBlock {

    private final Conv2d conv;
    private final BatchNorm2d norm;
    private final Nonlinearity function = Nonlinearity.RELU;
    private final Dropout dropout;
    private final Conv2d score;

    /**
     * A head.
     *
     * @param in C of the feature map; at least 4
     * @param classes K of the logits
     */
    public FcnHead(int in, int classes) {
        int hidden = in / 4;
        conv = child("0", new Conv2d(in, hidden, Window.of(3).padding(1), 1, false));
        norm = child("1", new BatchNorm2d(hidden));
        dropout = child("3", new Dropout(.1));
        score = child("4", new Conv2d(hidden, classes, Window.of(1)));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        x = function.applyInPlace(norm.forward(conv.forward(x, pass), pass)); // (N, in/4, H, W)
        return score.forward(dropout.forward(x, pass), pass); // (N, K, H, W)
    }
}
