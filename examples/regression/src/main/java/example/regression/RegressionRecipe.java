package example.regression;

import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.Models;

/**
 * What decides a training run of a network that answers one number for one image.
 *
 * @param task {@code regression}
 * @param seed decides weights, order and dropout
 * @param model the network
 * @param data the images
 * @param loss what is minimised, of answers in units of {@link AngleScale}, both (N)
 * @param optimizer how
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record RegressionRecipe(
        @Default("regression") String task,
        @Default("0") long seed,
        Model model,
        @Default("{}") Data data,
        @Default("{name: smooth_l1}") LossFunction loss,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /**
     * The network.
     *
     * @param name a classifier, as {@code djinn models} lists it; it is built for one class
     */
    public record Model(String name) {}

    /**
     * The images, which are painted.
     *
     * @param seed decides them, whatever the run's seed
     * @param images how many there are to learn from
     * @param heldOut how many others tell the error
     * @param workers threads that make batches
     */
    public record Data(
            @Default("0") long seed,
            @Default("1024") int images,
            @Default("256") int heldOut,
            @Default("2") int workers) {

        /** Checks the ranges. */
        public Data {
            if (images < 1 || images > BarImages.MOST || heldOut < 1 || heldOut > BarImages.MOST) {
                throw new IllegalArgumentException("expected images and held_out from 1 to " + BarImages.MOST + ", got "
                        + images + " and " + heldOut);
            }
            if (workers < 1) {
                throw new IllegalArgumentException("expected workers of at least 1, got " + workers);
            }
        }
    }

    /** Refuses weights of classes, of which there are none. */
    public RegressionRecipe {
        if (train.classWeights().isPresent()) {
            throw new IllegalArgumentException("train.class_weights: expected none, a number has no classes, got "
                    + train.classWeights().get() + "; leave the key out");
        }
    }

    @Override
    public RegressionTask newTask() {
        return new RegressionTask(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling(RegressionFigures.ERROR);
    }

    @Override
    public void requireNames() {
        Models.named(model.name());
    }

    @Override
    public String modelName() {
        return model.name();
    }
}
