package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import djinn.ops.Scalars;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * A multilayer perceptron that judges points of the plane: (N, 2) to scores or logits (N).
 *
 * <p>After Metz et al. 2017, appendix A, whose discriminator divides its points by 4, so that they lie within about -1 to
 * 1, and has one hidden layer of ReLUs. State: {@code layers.0}, {@code layers.1} ..., each a {@link Linear}. It can be
 * computed with weights that are not its own, such as those it would have some steps later, and always in float32.
 * Deviation: weights start as PyTorch's linear layers do, where the authors' start orthogonal.
 */
public final class PointCritic extends ArrayBlock {

    private final Config config;

    /**
     * What varies.
     *
     * @param width the units of a hidden layer
     * @param layers the hidden layers
     * @param scale what points are divided by
     */
    public record Config(int width, int layers, double scale) {

        /** Checks the ranges. */
        public Config {
            if (width < 1 || layers < 1 || !(scale > 0)) {
                throw new IllegalArgumentException("expected width and layers of at least 1 and a scale above 0, got "
                        + width + ", " + layers + " and " + scale);
            }
        }
    }

    /**
     * A critic.
     *
     * @param config what varies
     */
    public PointCritic(Config config) {
        this.config = config;
        List<Linear> all = new ArrayList<>();
        int in = 2;
        for (int i = 0; i < config.layers; i++) {
            all.add(new Linear(in, config.width));
            in = config.width;
        }
        all.add(new Linear(in, 1));
        child("layers", new LayerList<>(all));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return score(x, weights(x, pass));
    }

    /**
     * Returns the critic's own weights, as {@link #score} takes them.
     *
     * @param x points, for the device they are on
     * @param pass the pass
     * @return of each layer in order, its weight and its bias
     */
    public List<NDArray> weights(NDArray x, Pass pass) {
        List<NDArray> weights = new ArrayList<>();
        for (Parameter parameter : getParameters().values()) {
            weights.add(pass.value(parameter, x));
        }
        return weights;
    }

    /**
     * Scores points with given weights.
     *
     * @param x points (N, 2)
     * @param weights of each layer in order, its weight and its bias, of the shapes of the critic's own
     * @return scores or logits (N), owned by the points' manager
     * @throws IllegalArgumentException if there are more or fewer of them
     */
    public NDArray score(NDArray x, List<NDArray> weights) {
        int expected = 2 * (config.layers + 1);
        if (weights.size() != expected) {
            throw new IllegalArgumentException("expected a weight and a bias for each of " + (config.layers + 1)
                    + " layers, got " + weights.size() + " arrays; start from weights()");
        }
        NDArray y = config.scale == 1 ? x : Scalars.div(x, config.scale);
        for (int i = 0; i < expected; i += 2) {
            NDArray hidden = i == 0 ? y : Activation.relu(y);
            y = hidden.getNDArrayInternal()
                    .linear(hidden, weights.get(i), weights.get(i + 1))
                    .singletonOrThrow(); // (N, width), at last (N, 1)
        }
        return y.squeeze(1);
    }
}
