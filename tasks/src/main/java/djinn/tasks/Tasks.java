package djinn.tasks;

import djinn.ops.Nearest;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.generative.GanRecipe;
import java.util.LinkedHashMap;
import java.util.Map;

/** The table of tasks: what a recipe may call its {@code task}, and the record that such a recipe is. */
public final class Tasks {

    /** What is meant where a recipe does not say. */
    static final String CLASSIFICATION = "classification";

    private Tasks() {}

    /** Returns the recipes' records by their tasks' names, in the table's order; those that joined are behind. */
    public static Map<String, Class<? extends Record>> recipes() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put(CLASSIFICATION, ClassificationRecipe.class);
        table.put("gan", GanRecipe.class);
        return Extensions.with("task", table, Extension::tasks);
    }

    /**
     * Returns the record of a task's recipes.
     *
     * @throws IllegalArgumentException if there is no such task; the message has the nearest
     */
    static Class<? extends Record> recipe(String task) {
        Map<String, Class<? extends Record>> table = recipes();
        Class<? extends Record> recipe = table.get(task);
        if (recipe == null) {
            throw new IllegalArgumentException(
                    "unknown task '" + task + "', " + Nearest.suggestion(task, table.keySet(), "expected one of "));
        }
        return recipe;
    }

    /** Returns the name of the task whose recipe a record is. */
    static String named(Class<?> recipe) {
        return recipes().entrySet().stream()
                .filter(entry -> entry.getValue() == recipe)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(recipe.getSimpleName());
    }
}
