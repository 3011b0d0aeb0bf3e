package djinn.tasks;

import djinn.config.Overrides;
import djinn.config.RecordBinder;
import djinn.config.RecordKey;
import djinn.config.Yaml;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.text.TextClassificationRecipe;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Recipes as YAML: the key {@code task} says which record of {@link Tasks} holds one. */
public final class Recipes {

    private static RecordBinder binder;

    private Recipes() {}

    /** Made at the first recipe: what joins must be there by then, and what is wrong with it is told to whoever asks. */
    private static synchronized RecordBinder binder() {
        if (binder == null) {
            binder = new RecordBinder(Vocabulary.variants(), Vocabulary.LISTS);
        }
        return binder;
    }

    /**
     * Reads a recipe.
     *
     * @param file a YAML file
     * @param overrides {@code key.path=value}, applied in order
     * @return the recipe
     * @throws djinn.config.RecipeException if a key is unknown, missing or mistyped, with its place, or the override at
     *     fault, and the nearest valid key
     * @throws djinn.ops.DataException if there is no such file
     */
    public static Recipe read(Path file, List<String> overrides) {
        return new Overrides(overrides).bind(Yaml.read(file), Recipes::bound);
    }

    private static Recipe bound(Yaml.Document document) {
        Class<? extends Record> type =
                RecordBinder.choose(document, "task", Tasks.CLASSIFICATION, Tasks.recipes(), Tasks.OTHERS);
        String keys = "'djinn recipes --keys " + Tasks.named(type) + "' lists them";
        Recipe recipe = (Recipe) binder().listedBy(keys).bind(document, type);
        if (recipe.train().classWeights().isPresent()
                && !(recipe instanceof ClassificationRecipe || recipe instanceof TextClassificationRecipe)) {
            throw new IllegalArgumentException(
                    "train.class_weights: expected it in recipes of classification alone, this one is of the task "
                            + recipe.task() + "; leave it out");
        }
        return recipe;
    }

    /**
     * Reads a recipe of a task that is known.
     *
     * @param file a YAML file
     * @param overrides {@code key.path=value}, applied in order
     * @param type the record
     * @param <R> the record
     * @return the recipe
     * @throws IllegalArgumentException if it is of another task
     */
    public static <R extends Record & Recipe> R read(Path file, List<String> overrides, Class<R> type) {
        Recipe recipe = read(file, overrides);
        if (!type.isInstance(recipe)) {
            throw new IllegalArgumentException(
                    file + ": expected a recipe of the task " + Tasks.named(type) + ", got one of " + recipe.task());
        }
        return type.cast(recipe);
    }

    /** Returns the recipe of a run, every default spelled out, with overrides. */
    public static Recipe of(RunFolder folder, List<String> overrides) {
        return read(folder.file("recipe.yaml"), overrides);
    }

    /**
     * Describes the keys of a task's recipe.
     *
     * @param task a name of {@link Tasks}
     * @return the keys, those within others behind them
     * @throws IllegalArgumentException if there is no such task; the message has the nearest
     */
    public static List<RecordKey> keys(String task) {
        return RecordKey.of(Tasks.recipe(task), binder());
    }

    /**
     * Returns the records that a task's recipes are made of.
     *
     * @param task a name of the table
     */
    public static Set<Class<? extends Record>> records(String task) {
        return RecordKey.records(Tasks.recipe(task), binder());
    }

    /**
     * Describes what the keys of a task's recipe may name: optimizers, losses and so on.
     *
     * @param task a name of {@link Tasks}
     * @return by the path of the key, what it may name, and the keys of each
     * @throws IllegalArgumentException if there is no such task; the message has the nearest
     */
    public static Map<String, Map<String, List<RecordKey>>> choices(String task) {
        Map<String, Map<String, List<RecordKey>>> choices = new LinkedHashMap<>();
        RecordKey.variants(Tasks.recipe(task), binder()).forEach((path, variant) -> {
            Map<String, List<RecordKey>> named = new LinkedHashMap<>();
            binder().variants(variant).forEach((name, type) -> named.put(name, RecordKey.of(type, binder())));
            choices.put(path, named);
        });
        return choices;
    }

    /** Returns a recipe as YAML with every default spelled out; {@link #read} gives an equal one. */
    public static String toYaml(Recipe recipe) {
        return binder().write((Record) recipe);
    }
}
