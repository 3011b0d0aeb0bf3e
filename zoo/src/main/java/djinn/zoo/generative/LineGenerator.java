package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;

/**
 * Draws the points of an upright line, and learns where it stands: heights z (N, 1) to points (theta, z), (N, 2).
 *
 * <p>Arjovsky et al. 2017, example 1. State: {@code theta} (1).
 */
public final class LineGenerator extends ArrayBlock {

    private final Parameter theta;

    /**
     * A line.
     *
     * @param start where it stands before it learns
     */
    public LineGenerator(double start) {
        theta = parameter(
                "theta", Parameter.Type.WEIGHT, (manager, shape, type) -> manager.full(shape, (float) start, type), 1);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return x.zerosLike().add(pass.value(theta, x)).concat(x, 1); // (N, 2)
    }
}
