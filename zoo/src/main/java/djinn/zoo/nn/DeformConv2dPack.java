package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.training.initializer.Initializer;

/**
 * A deformable convolution with the convolution that predicts its shifts: (N, inChannels, H, W) to (N, outChannels, H',
 * W'). What the papers put in place of a convolution (Dai et al. 2017; Zhu et al. 2019 with masks).
 *
 * <p>State: {@code conv_offset} (2 kh kw channels, or 3 kh kw of which the last third makes the masks) and {@code
 * conv}, a {@link DeformConv2d}. The predicting convolution starts at zero, so that the block starts as a plain
 * convolution, with masks of a half in the second version.
 */
public final class DeformConv2dPack extends ArrayBlock {

    private final int elements;
    private final boolean modulated;
    private final Conv2d offset;
    private final DeformConv2d conv;

    /**
     * A deformable convolution that predicts its own shifts.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves, of both convolutions
     * @param modulated whether masks are predicted too: version 2
     */
    public DeformConv2dPack(int inChannels, int outChannels, Window window, boolean modulated) {
        this.modulated = modulated;
        elements = Math.toIntExact(window.kernel().size());
        int predicted = (modulated ? 3 : 2) * elements;
        offset = child("conv_offset", new Conv2d(inChannels, predicted, window, 1, true, Initializer.ZEROS));
        conv = child("conv", new DeformConv2d(inChannels, outChannels, window));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray predicted = offset.forward(x, pass); // (N, 2 or 3 kh kw, H', W')
        if (!modulated) {
            return conv.forward(x, predicted, null, pass);
        }
        NDList thirds = predicted.split(3, 1);
        NDArray shifts = NDArrays.concat(new NDList(thirds.get(0), thirds.get(1)), 1);
        return conv.forward(x, shifts, Activation.sigmoid(thirds.get(2)), pass);
    }
}
