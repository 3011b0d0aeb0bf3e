package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.Scalars;
import java.util.List;

/**
 * The residual unit of Inception-ResNet (Szegedy et al. 2016, figures 10 to 19): f(x + scale conv2d(branches(x))); the
 * shape stays.
 *
 * <p>State: {@code branch0}, {@code branch1} ..., and {@code conv2d}, a 1x1 convolution with bias.
 */
public final class InceptionResidual extends ArrayBlock {

    private final List<ArrayBlock> branches;
    private final Conv2d conv2d;
    private final double scale;
    private final Nonlinearity function;

    /**
     * A residual unit.
     *
     * @param channels C of the input and the output
     * @param joined the branches' channels together
     * @param scale what the residual is multiplied with
     * @param function what follows the sum
     * @param branches what the residual is computed from, all of one H and W
     */
    public InceptionResidual(int channels, int joined, double scale, Nonlinearity function, ArrayBlock... branches) {
        this.scale = scale;
        this.function = function;
        this.branches = List.of(branches);
        for (int i = 0; i < branches.length; i++) {
            child("branch" + i, branches[i]);
        }
        conv2d = child("conv2d", new Conv2d(joined, channels, Window.of(1)));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList outputs = new NDList(branches.size());
        for (ArrayBlock branch : branches) {
            outputs.add(branch.forward(x, pass));
        }
        NDArray residual = conv2d.forward(NDArrays.concat(outputs, 1), pass);
        return function.applyInPlace(Scalars.mul(residual, scale).add(x));
    }
}
