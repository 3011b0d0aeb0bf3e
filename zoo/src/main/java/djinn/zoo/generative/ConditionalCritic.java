package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A critic that is told the class of what it judges: images (N, C, H, W) and classes (N) to scores (N). The network gives a
 * score for each class, and that of the class told counts: a linear map of the features for each class, as in the projection
 * of Miyato and Koyama 2018, whose term for all classes is contained in it. A map of the class beside the image (Mirza and
 * Osindero 2014) reaches the score through all layers only, and under a gradient penalty hardly at all.
 *
 * <p>State: {@code network}.
 */
public final class ConditionalCritic extends NamedBlock {

    private final int classes;
    private final ArrayBlock network;

    /**
     * A critic.
     *
     * @param networks builds it
     * @param extents what varies
     * @param classes how many there are, 2 or more
     */
    public ConditionalCritic(GanNetworks networks, GanNetworks.Extents extents, int classes) {
        this.classes = classes;
        network = child("network", networks.critic(extents.withScores(classes)));
    }

    /**
     * Scores images.
     *
     * @param images (N, C, H, W), -1 to 1
     * @param told numbers (N) of their classes, from 0 to below their count
     * @param pass the pass
     * @return scores (N)
     * @throws IllegalStateException if the network does not give a score for each class
     */
    public NDArray forward(NDArray images, NDArray told, Pass pass) {
        NDArray scores = network.forward(images, pass);
        Shape expected = new Shape(images.getShape().get(0), classes);
        if (!scores.getShape().equals(expected)) {
            throw new IllegalStateException("expected a critic of " + expected + " scores, as told by its extents, got "
                    + scores.getShape() + " of " + network.getClass().getName());
        }
        NDArray places = told.toType(DataType.INT64, false).reshape(-1, 1);
        return scores.gather(places, 1).squeeze(1);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(forward(inputs.get(0), inputs.get(1), pass));
    }
}
