package djinn.tasks.classification;

import djinn.data.Splits;
import java.util.Optional;
import java.util.Set;

/** Where images with classes come from. */
public interface ImageSource {

    /**
     * Checks, while a recipe is read, that it says what is needed.
     *
     * @param root the recipe's {@code data.root}
     * @param labels its {@code data.labels}
     * @throws IllegalArgumentException if something is missing
     */
    default void require(Optional<String> root, Optional<String> labels) {}

    /**
     * Returns the keys that the source takes notice of, of {@code root}, {@code labels}, {@code val_fraction} and {@code
     * split_seed}: a recipe that gives another of them is refused. All of them unless a source says otherwise.
     */
    default Set<String> keys() {
        return Set.of("root", "labels", "val_fraction", "split_seed");
    }

    /**
     * Lists the images, without reading them.
     *
     * @param data the recipe's keys
     * @return the images to learn from and those held out
     * @throws djinn.ops.DataException if they are missing
     */
    Splits read(ClassificationRecipe.Data data);
}
