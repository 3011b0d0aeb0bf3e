package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import djinn.ops.Activations;

/**
 * Scales channels by gates from their means and maxima, then positions by gates from theirs (Woo et al. 2018); the
 * shape stays.
 *
 * <p>State: {@code fc1} and {@code fc2}, the linear layers shared by means and maxima, and {@code spatial}, a
 * convolution from (mean, maximum) over the channels to one gate.
 */
public final class Cbam extends ArrayBlock {

    private final Linear fc1;
    private final Linear fc2;
    private final Conv2d spatial;

    /**
     * The paper's module: reduction 16, kernel 7.
     *
     * @param channels C of the input
     */
    public Cbam(int channels) {
        this(channels, 16, 7);
    }

    /**
     * A convolutional block attention module.
     *
     * @param channels C of the input
     * @param reduction how many times fewer values lie between the two linear layers
     * @param kernel the odd edge of the spatial window
     * @throws IllegalArgumentException if nothing would be left by the reduction, or the kernel is even
     */
    public Cbam(int channels, int reduction, int kernel) {
        if (reduction < 1 || channels < reduction || kernel < 1 || kernel % 2 == 0) {
            throw new IllegalArgumentException("expected channels of at least the reduction and an odd kernel, got "
                    + channels + " channels, reduction " + reduction + " and kernel " + kernel);
        }
        fc1 = child("fc1", new Linear(channels, channels / reduction));
        fc2 = child("fc2", new Linear(channels / reduction, channels));
        spatial = child("spatial", new Conv2d(2, 1, Window.of(kernel).padding(kernel / 2)));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        long n = x.getShape().get(0);
        long c = x.getShape().get(1);
        NDArray positions = x.reshape(new Shape(n, c, -1)); // (N, C, H W)
        NDArray means = channels(positions.mean(new int[] {2}), pass);
        NDArray maxima = channels(positions.max(new int[] {2}), pass);
        x = x.mul(Activation.sigmoid(means.add(maxima)).reshape(n, c, 1, 1));

        NDArray maps = NDArrays.concat(new NDList(x.mean(new int[] {1}, true), x.max(new int[] {1}, true)), 1);
        return x.mul(Activation.sigmoid(spatial.forward(maps, pass))); // times (N, 1, H, W)
    }

    private NDArray channels(NDArray x, Pass pass) {
        return fc2.forward(Activations.reluInPlace(fc1.forward(x, pass)), pass);
    }
}
