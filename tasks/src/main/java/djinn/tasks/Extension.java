package djinn.tasks;

import djinn.inference.Answering;
import djinn.tasks.classification.ImageSource;
import djinn.zoo.ModelEntry;
import djinn.zoo.generative.GanNetworks;
import java.util.List;
import java.util.Map;

/**
 * The door by which a project's own models, losses, augmentations, sources and tasks join: from then on recipes and the
 * command line know them by name.
 *
 * <p>A jar lists its extension's class in {@code META-INF/services/djinn.tasks.Extension} and lies on the class path; the
 * command takes the jars of the environment variable {@code DJINN_EXTENSIONS}. A name that there is already is refused
 * when extensions are first looked for, at the first recipe.
 *
 * <p>Records are bound to YAML as Djinn's own are: the components are the keys, in snake_case, and {@link
 * djinn.ops.Default} gives the value of one that is left out.
 */
public interface Extension {

    /** Returns recipes by what their key {@code task} says: records that implement {@link djinn.training.recipe.Recipe}. */
    default Map<String, Class<? extends Record>> tasks() {
        return Map.of();
    }

    /** Returns by task how its trained models answer, such as to {@code djinn predict}. */
    default Map<String, Answering> answering() {
        return Map.of();
    }

    /** Returns models, which then are of the zoo. */
    default List<ModelEntry> models() {
        return List.of();
    }

    /** Returns losses by name: records that implement {@link djinn.losses.LossFunction}. */
    default Map<String, Class<? extends Record>> losses() {
        return Map.of();
    }

    /** Returns augmentations by name: records that implement {@link djinn.data.Augmentation}. */
    default Map<String, Class<? extends Record>> augmentations() {
        return Map.of();
    }

    /** Returns where images with classes may come from, by what the key {@code data.source} says. */
    default Map<String, ImageSource> sources() {
        return Map.of();
    }

    /** Returns networks of the task {@code gan} by what the keys {@code model.name} and {@code model.critic} say. */
    default Map<String, GanNetworks> gans() {
        return Map.of();
    }
}
