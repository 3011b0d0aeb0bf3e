package djinn.zoo;

import ai.djl.nn.Block;
import java.util.Optional;

/** A part of a network that is made of a classifier's layers, and may start from that classifier's weights. */
public interface ClassifierTrunk extends Block {

    /** Finds it within a network; empty if there is none. */
    static Optional<ClassifierTrunk> of(Block network) {
        if (network instanceof ClassifierTrunk trunk) {
            return Optional.of(trunk);
        }
        return network.getChildren().values().stream()
                .map(ClassifierTrunk::of)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Returns the classifier's name, as the table of models has it. */
    String classifier();

    /** Returns C of the images. */
    int channels();

    /**
     * Returns what one of its arrays is called in the classifier.
     *
     * @param own the array's name within this block
     * @return empty if the classifier has none of its shape
     */
    Optional<String> nameInClassifier(String own);
}
