package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A generator of images and the critic it learns against (Goodfellow et al. 2014), both told the class of each image or
 * neither.
 *
 * <p>State: {@code generator} and {@code critic}. Forward judges what the generator draws: vectors (N, latent), and classes
 * (N) if it is told of some, to scores (N).
 */
public final class Gan extends NamedBlock {

    private final NamedBlock generator;
    private final NamedBlock critic;

    /**
     * Both networks.
     *
     * @param drawing builds the generator
     * @param judging builds the critic, of the same or of other networks
     * @param extents what varies in both
     * @param classes how many both are told of; 0 if they are not
     * @throws IllegalArgumentException if a network cannot have these extents
     */
    public Gan(GanNetworks drawing, GanNetworks judging, GanNetworks.Extents extents, int classes) {
        generator = child("generator", generator(drawing, extents, classes));
        critic = child(
                "critic", classes == 0 ? judging.critic(extents) : new ConditionalCritic(judging, extents, classes));
    }

    /**
     * Builds a generator alone, as it is within both.
     *
     * @param networks builds it
     * @param extents what varies
     * @param classes how many it is told of; 0 if it is not
     */
    public static NamedBlock generator(GanNetworks networks, GanNetworks.Extents extents, int classes) {
        return classes == 0 ? networks.generator(extents) : new ConditionalGenerator(networks, extents, classes);
    }

    /**
     * Draws images.
     *
     * @param generator as {@link #generator(GanNetworks, GanNetworks.Extents, int)} builds it
     * @param noise vectors (N, latent), standard normal
     * @param classes numbers (N); looked at only if it is told of them
     * @param pass the pass
     * @return images (N, C, H, W), -1 to 1
     */
    public static NDArray draw(NamedBlock generator, NDArray noise, NDArray classes, Pass pass) {
        return generator instanceof ConditionalGenerator told
                ? told.forward(noise, classes, pass)
                : ((ArrayBlock) generator).forward(noise, pass);
    }

    /** Returns what draws. */
    public NamedBlock generator() {
        return generator;
    }

    /**
     * Scores images.
     *
     * @param images (N, C, H, W), -1 to 1
     * @param classes numbers (N); looked at only if the critic is told of them
     * @param pass the pass
     * @return scores or logits (N)
     */
    public NDArray judge(NDArray images, NDArray classes, Pass pass) {
        return critic instanceof ConditionalCritic told
                ? told.forward(images, classes, pass)
                : ((ArrayBlock) critic).forward(images, pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDArray classes = inputs.size() > 1 ? inputs.get(1) : null;
        return new NDList(judge(draw(generator, inputs.get(0), classes, pass), classes, pass));
    }
}
