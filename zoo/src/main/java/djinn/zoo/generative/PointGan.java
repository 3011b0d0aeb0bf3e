package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;

/**
 * A generator of points of the plane and the critic it learns against: random vectors (N, latent) to scores (N).
 *
 * <p>State: {@code generator} and {@code critic}.
 */
public final class PointGan extends ArrayBlock {

    private final ArrayBlock generator;
    private final PointCritic critic;

    /**
     * Both networks.
     *
     * @param generator draws points (N, 2)
     * @param critic judges them
     */
    public PointGan(ArrayBlock generator, PointCritic critic) {
        this.generator = child("generator", generator);
        this.critic = child("critic", critic);
    }

    /** Returns what draws. */
    public ArrayBlock generator() {
        return generator;
    }

    /** Returns what judges. */
    public PointCritic critic() {
        return critic;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return critic.forward(generator.forward(x, pass), pass);
    }
}
