package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * A multilayer perceptron that draws points of the plane: vectors (N, latent) to points (N, 2).
 *
 * <p>After Metz et al. 2017, appendix A, whose generator for two-dimensional data has two hidden layers of 128 ReLUs and a
 * linear last one. State: {@code main.0}, {@code main.2} ..., each a {@link Linear}. Deviation: weights start as PyTorch's
 * linear layers do, where the authors' start orthogonal.
 */
public final class PointGenerator extends ArrayBlock {

    private final Sequential main;

    /**
     * What varies.
     *
     * @param latent the length of the random vectors
     * @param width the units of a hidden layer
     * @param layers the hidden layers
     */
    public record Config(int latent, int width, int layers) {

        /** Checks that there are some of each. */
        public Config {
            if (latent < 1 || width < 1 || layers < 1) {
                throw new IllegalArgumentException("expected latent, width and layers of at least 1, got " + latent
                        + ", " + width + " and " + layers);
            }
        }
    }

    /**
     * A generator.
     *
     * @param config what varies
     */
    public PointGenerator(Config config) {
        List<ArrayBlock> layers = new ArrayList<>();
        int in = config.latent;
        for (int i = 0; i < config.layers; i++) {
            layers.add(new Linear(in, config.width));
            layers.add(Nonlinearity.RELU.layer());
            in = config.width;
        }
        layers.add(new Linear(in, 2));
        main = child("main", Sequential.of(layers));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return main.forward(x, pass); // (N, 2)
    }
}
