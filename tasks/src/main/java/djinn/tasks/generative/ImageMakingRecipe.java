package djinn.tasks.generative;

import djinn.data.DataChecking;
import djinn.data.DataReport;
import djinn.training.recipe.Recipe;
import java.util.Optional;

/** A recipe of a task that learns to make images from those of one source. */
public interface ImageMakingRecipe extends Recipe, DataChecking {

    /** Returns what is learned from. */
    DrawnData data();

    /** Returns who judges made images; empty if nobody does. */
    Optional<Quality> quality();

    @Override
    default DataReport checkData() {
        return data().check();
    }
}
