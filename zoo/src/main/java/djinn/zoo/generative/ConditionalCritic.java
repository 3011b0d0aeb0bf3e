package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A critic that is told the class of what it judges: images (N, C, H, W) and classes (N) to scores (N). A learned map of
 * the class is one more channel (Mirza and Osindero 2014, section 4.1, with DCGAN's networks in place of perceptrons).
 *
 * <p>State: {@code embedding.weight} (classes, H W), {@code network}.
 */
public final class ConditionalCritic extends NamedBlock {

    /** Of the maps' first values, a tenth of the images' range: louder maps drown them. */
    private static final float DEVIATION = .1f;

    private final int size;
    private final Embedding embedding;
    private final ArrayBlock network;

    /**
     * A critic.
     *
     * @param networks builds it
     * @param extents what varies
     * @param classes how many there are
     */
    public ConditionalCritic(GanNetworks networks, GanNetworks.Extents extents, int classes) {
        size = extents.size();
        embedding = child("embedding", new Embedding(classes, size * size, Initializers.normal(DEVIATION)));
        network = child("network", networks.critic(extents.withChannels(extents.channels() + 1)));
    }

    /**
     * Scores images.
     *
     * @param images (N, C, H, W), -1 to 1
     * @param classes numbers (N), from 0 to below their count
     * @param pass the pass
     * @return scores (N)
     */
    public NDArray forward(NDArray images, NDArray classes, Pass pass) {
        NDArray maps = embedding.forward(classes, pass).reshape(-1, 1, size, size);
        return network.forward(images.concat(maps, 1), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(forward(inputs.get(0), inputs.get(1), pass));
    }
}
