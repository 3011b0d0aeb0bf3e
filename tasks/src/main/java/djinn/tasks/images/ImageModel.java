package djinn.tasks.images;

import djinn.zoo.weights.Preference;
import java.util.Optional;

/** What the key {@code model} says in every recipe of images. */
public interface ImageModel {

    /** Returns the network's name. */
    String name();

    /** Returns what to start from: a file, or {@code djinn:NAME}. */
    Optional<String> weights();

    /** Returns whether what does not fit in shape, the head of other classes, starts anew. */
    boolean resetHead();

    /** Returns which of the file's weights are taken where it has averaged and plain ones. */
    Preference prefer();

    /** Returns whether the backbone's batch norms get the statistics of the training images first. */
    default boolean renewNorms() {
        return false;
    }

    /**
     * Checks that there are weights where something is to be done with them.
     *
     * @throws IllegalArgumentException if not
     */
    static void requireWeights(Optional<String> weights, boolean resetHead, boolean renewNorms) {
        if ((resetHead || renewNorms) && weights.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected weights, the file to start from, with " + (resetHead ? "reset_head" : "renew_norms"));
        }
    }
}
