package djinn.training;

import djinn.training.recipe.Recipe;
import java.util.List;

/** The figures that a recipe and a task's goal ask for. */
final class AskedFigures {

    private AskedFigures() {}

    /**
     * Checks that there are such figures.
     *
     * @return all of the task
     * @throws IllegalArgumentException if there are not
     */
    static List<String> require(Task<?> task, Recipe recipe) {
        List<String> figures = task.newFigures().figures();
        Goal goal = task.goal();
        goal.figure().filter(name -> !figures.contains(name)).ifPresent(name -> {
            throw new IllegalArgumentException(
                    "the task's goal: there is no figure '" + name + "', expected one of " + figures);
        });
        if (goal.figure().isEmpty() && recipe.train().patience().isPresent()) {
            throw new IllegalArgumentException(
                    "train.patience: expected a task whose goal is a figure, got one that keeps the newest weights;"
                            + " leave patience out");
        }
        recipe.schedule().watches().filter(name -> !figures.contains(name)).ifPresent(name -> {
            throw new IllegalArgumentException(
                    "schedule.metric: there is no figure '" + name + "', expected one of " + figures);
        });
        return figures;
    }
}
