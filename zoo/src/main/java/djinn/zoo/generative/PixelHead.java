package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.MaskedConv2d;
import djinn.zoo.nn.MaskedConv2d.Mask;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;

/**
 * From maps (N, width, H, W) to logits (N, levels, C, H, W): twice ReLU and a masked convolution of kernel 1 (van den Oord et
 * al. 2016, table 1).
 */
final class PixelHead extends ArrayBlock {

    private final int colours;
    private final int levels;
    private final MaskedConv2d hidden;
    private final MaskedConv2d out;

    PixelHead(int width, int hidden, int levels, int colours) {
        this.colours = colours;
        this.levels = levels;
        this.hidden = child("hidden", new MaskedConv2d(width, hidden, 1, Mask.B, colours));
        out = child("out", new MaskedConv2d(hidden, colours * levels, 1, Mask.B, colours));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray y = hidden.forward(Nonlinearity.RELU.apply(x), pass); // (N, hidden, H, W)
        NDArray logits = out.forward(Nonlinearity.RELU.applyInPlace(y), pass); // (N, C levels, H, W)
        return logits.reshape(
                        logits.getShape().get(0),
                        colours,
                        levels,
                        logits.getShape().get(2),
                        logits.getShape().get(3))
                .transpose(0, 2, 1, 3, 4); // (N, levels, C, H, W)
    }
}
