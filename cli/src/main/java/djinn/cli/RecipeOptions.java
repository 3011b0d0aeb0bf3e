package djinn.cli;

import djinn.tasks.Recipes;
import djinn.training.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The recipe that a command looks at, and how it answers. */
final class RecipeOptions {

    @Parameters(paramLabel = "RECIPE", description = "A YAML file, or the name of one that comes with Djinn.")
    private String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY.PATH=VALUE",
            description = "Override a key of the recipe; may be given more than once.")
    private List<String> overrides = List.of();

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    /** Whether the answer is JSON. */
    boolean json() {
        return json;
    }

    /** The recipe of any task. */
    Recipe read() {
        return Recipes.read(file(), overrides);
    }

    /** The recipe of a task. */
    <R extends Record & Recipe> R read(Class<R> type) {
        return Recipes.read(file(), overrides, type);
    }

    /**
     * The recipe of a task that has an optional part.
     *
     * @param part the part
     * @param told what is expected: {@code data can be checked}
     * @throws IllegalArgumentException if the recipe's task has it not
     */
    <P> P read(Class<P> part, String told) {
        Recipe read = read();
        if (!part.isInstance(read)) {
            throw new IllegalArgumentException(file() + ": expected a recipe whose " + told + ", such as of the task"
                    + " classification, detection or segmentation, got one of " + read.task());
        }
        return part.cast(read);
    }

    private Path file() {
        return Configs.find(recipe);
    }
}
