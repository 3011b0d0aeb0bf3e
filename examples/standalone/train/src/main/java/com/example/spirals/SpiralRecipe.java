package com.example.spirals;

import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.training.Goal;
import djinn.training.Task;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;

/**
 * What decides a training: its components are the keys of a YAML file.
 *
 * @param task {@code spirals}
 * @param seed decides weights and points
 * @param width units of a hidden layer
 * @param points of an epoch
 * @param loss any loss of scores and targets of -1 and 1
 * @param optimizer how
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record SpiralRecipe(
        @Default("spirals") String task,
        @Default("0") long seed,
        @Default("32") int width,
        @Default("2000") int points,
        @Default("{name: squared_hinge}") LossFunction loss,
        OptimizerRule optimizer,
        @Default("constant") Schedule schedule,
        Train train)
        implements Recipe {

    /** Checks the sizes. */
    public SpiralRecipe {
        if (width < 1 || points < 1) {
            throw new IllegalArgumentException(
                    "expected width and points of at least 1, got " + width + " and " + points);
        }
    }

    @Override
    public Task<?> newTask() {
        return new SpiralTask(this);
    }

    @Override
    public Goal goal() {
        return Goal.rising(SpiralFigures.ACCURACY);
    }

    @Override
    public String modelName() {
        return "SpiralNet";
    }
}
