package djinn.tasks.diffusion;

import djinn.ops.Default;
import djinn.predict.diffusion.DiffusionCard;
import djinn.tasks.generative.DrawnData;
import djinn.tasks.generative.ImageMakingRecipe;
import djinn.tasks.generative.Quality;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What decides the training of a diffusion model of images.
 *
 * @param task {@code diffusion}
 * @param seed decides weights, order, steps and noise
 * @param model the network and the steps
 * @param data the images
 * @param samples the pictures drawn after each epoch
 * @param sampleSteps how many steps such a picture takes, the short way (DDIM); 25, or as many as there are if they are fewer,
 *     if left out
 * @param quality who judges images that are made, by {@code sample_steps} steps, beside held-out ones; nobody if left out
 * @param optimizer how the network learns
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record DiffusionRecipe(
        @Default("diffusion") String task,
        @Default("0") long seed,
        @Default("{}") DiffusionModel model,
        DrawnData data,
        @Default("{}") Samples samples,
        OptionalInt sampleSteps,
        Optional<Quality> quality,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageMakingRecipe {

    private static final int USUAL_STEPS = 25;

    /** Checks that the network fits the images and that there are as many steps. */
    public DiffusionRecipe {
        model.extents(data, 0);
        if (sampleSteps.isPresent() && (sampleSteps.getAsInt() < 1 || sampleSteps.getAsInt() > model.steps())) {
            throw new IllegalArgumentException("expected sample_steps from 1 to model.steps, " + model.steps()
                    + ", got " + sampleSteps.getAsInt());
        }
    }

    /** Returns how many steps a picture takes that is drawn after an epoch. */
    int stepsOfSamples() {
        return sampleSteps.orElse(Math.min(USUAL_STEPS, model.steps()));
    }

    @Override
    public DiffusionTask newTask() {
        return new DiffusionTask(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling(DiffusionFigures.LOSS);
    }

    @Override
    public String modelName() {
        return DiffusionCard.MODEL_NAME;
    }
}
