package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A generator that is told the class of what it draws: vectors (N, latent) and classes (N) to images (N, C, H, W) within -1
 * to 1. A learned vector of the class, of as many values, stands behind the random one (Mirza and Osindero 2014, section 4.1,
 * with DCGAN's networks in place of perceptrons). It starts of length 1, as a class that is told by a single 1: of a vector
 * as long as the random one, generators learn to draw one image for each class.
 *
 * <p>State: {@code embedding.weight} (classes, latent), {@code network}.
 */
public final class ConditionalGenerator extends NamedBlock {

    private final Embedding embedding;
    private final ArrayBlock network;

    /**
     * A generator.
     *
     * @param networks builds it
     * @param extents what varies
     * @param classes how many there are
     */
    public ConditionalGenerator(GanNetworks networks, GanNetworks.Extents extents, int classes) {
        float deviation = (float) (1 / Math.sqrt((double) extents.latent()));
        embedding = child("embedding", new Embedding(classes, extents.latent(), Initializers.normal(deviation)));
        network = child("network", networks.generator(extents.withLatent(2 * extents.latent())));
    }

    /**
     * Draws images.
     *
     * @param noise vectors (N, latent), standard normal
     * @param classes numbers (N), from 0 to below their count
     * @param pass the pass
     * @return images (N, C, H, W), -1 to 1
     */
    public NDArray forward(NDArray noise, NDArray classes, Pass pass) {
        return network.forward(noise.concat(embedding.forward(classes, pass), 1), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(forward(inputs.get(0), inputs.get(1), pass));
    }
}
