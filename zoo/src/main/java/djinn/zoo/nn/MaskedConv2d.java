package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.stream.IntStream;

/**
 * A convolution of stride 1 that sees no pixel behind its own in reading order, row by row from the left: (N, in, H, W) to
 * (N, out, H, W).
 *
 * <p>Van den Oord et al. 2016, Pixel Recurrent Neural Networks, section 3.4 and figure 2 (right). Channels are in as many
 * groups as the image has colours, in the colours' order, both of the input and of the output. At its own pixel a group
 * sees the groups of earlier colours, and its own under {@link Mask#B} alone; at earlier pixels it sees all.
 *
 * <p>State: {@code weight} (out, in, rows, columns), {@code bias} (out). Starts uniform within 1 / sqrt(fan in), as
 * PyTorch's convolutions, where the fan in counts what the last colour sees. Deviations: what a mask would hide whole is
 * not part of the weight, so that neither memory nor time is spent on it: the rows below the centre, and, of a kernel of
 * one row, the columns right of it.
 */
public final class MaskedConv2d extends ArrayBlock {

    private final int inChannels;
    private final int outChannels;
    private final int rows;
    private final int columns;
    private final int colours;
    private final float[] visible;
    private final boolean seesAll;
    private final Window window;
    private final ZeroPad2d border;
    private final Parameter weight;
    private final Parameter bias;

    /** What a convolution sees of its own pixel. */
    public enum Mask {
        /** Earlier colours: for the first layer, which reads the image itself. */
        A,
        /** Earlier colours and its own: for later layers, whose groups know no more than the colours before theirs. */
        B
    }

    /**
     * A square kernel.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param kernel height and width, odd
     * @param mask what it sees of its own pixel
     * @param colours how many groups the channels are in, those of the image; divides both
     */
    public MaskedConv2d(int inChannels, int outChannels, int kernel, Mask mask, int colours) {
        this(inChannels, outChannels, kernel, kernel, mask, colours);
    }

    /**
     * A kernel of any extents; of height 1 for what looks to the left alone.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param height of the kernel, odd
     * @param width of the kernel, odd
     * @param mask what it sees of its own pixel
     * @param colours how many groups the channels are in, those of the image; divides both
     * @throws IllegalArgumentException if the kernel has no centre, or the groups do not divide the channels
     */
    public MaskedConv2d(int inChannels, int outChannels, int height, int width, Mask mask, int colours) {
        if (height < 1 || width < 1 || height % 2 == 0 || width % 2 == 0) {
            throw new IllegalArgumentException(
                    "expected a kernel with a centre, of odd extents such as 3, got " + height + " and " + width);
        }
        if (colours < 1
                || inChannels < 1
                || outChannels < 1
                || inChannels % colours != 0
                || outChannels % colours != 0) {
            throw new IllegalArgumentException("expected channels of at least 1 and multiples of the image's " + colours
                    + " colours, got " + inChannels + " to " + outChannels);
        }
        this.inChannels = inChannels;
        this.outChannels = outChannels;
        this.colours = colours;
        rows = height / 2 + 1;
        int side = width / 2;
        columns = rows == 1 ? side + 1 : width;
        window = Window.of(rows, columns).padding(0, rows == 1 ? 0 : side);
        border = child("border", new ZeroPad2d(rows == 1 ? side : 0, 0, height / 2, 0));
        visible = visible(mask);
        seesAll = IntStream.range(0, visible.length).allMatch(i -> visible[i] == 1);
        long seen = (long) inChannels * (columns * (rows - 1) + side)
                + (long) (inChannels / colours) * (mask == Mask.A ? colours - 1 : colours);
        Initializer start = Initializers.torchDefault(Math.max(1, seen));
        weight = parameter("weight", Parameter.Type.WEIGHT, start, outChannels, inChannels, rows, columns);
        bias = parameter("bias", Parameter.Type.BIAS, start, outChannels);
    }

    /** Returns how many rows above its own it sees. */
    public int above() {
        return rows - 1;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return convolve(border.forward(x, pass), pass);
    }

    /**
     * Goes on below rows that were seen before.
     *
     * @param x (N, in, above + H, W), of which the first rows are those {@linkplain #above above}
     * @param pass the pass
     * @return (N, out, H, W) of the rows behind them
     */
    public NDArray forwardBelow(NDArray x, Pass pass) {
        return rows == 1 ? forward(x, pass) : convolve(x, pass);
    }

    private NDArray convolve(NDArray x, Pass pass) {
        return Conv2d.convolve(x, shown(pass.value(weight, x), x), pass.value(bias, x), window, 1, pass);
    }

    /** The weight, with zeros for what is hidden; freed with the data. */
    private NDArray shown(NDArray all, NDArray data) {
        if (seesAll) {
            return all;
        }
        NDArray seen = data.getManager()
                .create(visible, new Shape(colours, 1, colours, 1, rows, columns))
                .toDevice(all.getDevice(), false);
        NDArray grouped = all.reshape(colours, outChannels / colours, colours, inChannels / colours, rows, columns);
        return Pass.freedWith(grouped, data).mul(seen).reshape(outChannels, inChannels, rows, columns);
    }

    /** 1 where a group of the output, the first axis, sees one of the input, the second; 0 elsewhere. */
    private float[] visible(Mask mask) {
        int centre = rows == 1 ? columns - 1 : columns / 2;
        float[] visible = new float[colours * colours * rows * columns];
        int i = 0;
        for (int to = 0; to < colours; to++) {
            for (int from = 0; from < colours; from++) {
                for (int y = 0; y < rows; y++) {
                    for (int x = 0; x < columns; x++) {
                        boolean own = y == rows - 1 && x == centre;
                        boolean seen = own ? from < to || (from == to && mask == Mask.B) : y < rows - 1 || x < centre;
                        visible[i++] = seen ? 1 : 0;
                    }
                }
            }
        }
        return visible;
    }
}
