package djinn.tasks.images;

import djinn.data.AugmentationDrawing;
import djinn.data.DataChecking;
import djinn.training.recipe.Recipe;
import java.util.Optional;

/** A recipe of a task whose examples are images. */
public interface ImageRecipe extends Recipe, DataChecking, AugmentationDrawing {

    /** Returns the network. */
    ImageModel model();

    /** Returns the images. */
    ImageData data();

    @Override
    default String modelName() {
        return model().name();
    }

    @Override
    default Optional<String> startingWeights() {
        return model().weights();
    }
}
