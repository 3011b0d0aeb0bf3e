package djinn.tasks.autoregressive;

import djinn.ops.Default;
import djinn.predict.autoregressive.PixelLevels;
import djinn.predict.autoregressive.PixelNetwork;
import djinn.tasks.generative.DrawnData;
import djinn.tasks.generative.ImageMakingRecipe;
import djinn.tasks.generative.Quality;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.Optional;

/**
 * What decides the training of a model that tells each value of an image by those before it.
 *
 * @param task {@code autoregressive}
 * @param seed decides weights and order
 * @param model the network
 * @param data the images
 * @param levels how many levels their values are brought to, 2 (black and white) to 256 (all bytes)
 * @param blackAndWhite how values come to two levels
 * @param samples the images drawn after each epoch, pixel by pixel: a sheet of 64 takes as long as four of 16
 * @param quality who judges drawn images beside held-out ones; nobody if left out. Each takes as long as one of a sheet: some
 *     hundreds of {@code images} spare time
 * @param optimizer how gradients become steps
 * @param schedule how the learning rate moves
 * @param train how long, and in what steps
 */
public record AutoregressiveRecipe(
        @Default("autoregressive") String task,
        @Default("0") long seed,
        PixelNetwork model,
        DrawnData data,
        @Default("256") int levels,
        @Default("threshold") BlackAndWhite blackAndWhite,
        @Default("{rows: 2, columns: 8}") Samples samples,
        Optional<Quality> quality,
        OptimizerRule optimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageMakingRecipe {

    /** How values come to two levels. */
    public enum BlackAndWhite {
        /** They part at 128. */
        THRESHOLD,
        /** Drawn anew each time, white as often as a value is bright; held-out images always alike. */
        DRAWN
    }

    /** Checks that the network fits the images. */
    public AutoregressiveRecipe {
        new PixelLevels(levels);
        if (blackAndWhite == BlackAndWhite.DRAWN && levels != 2) {
            throw new IllegalArgumentException(
                    "expected levels of 2 with black_and_white drawn, got " + levels + "; leave black_and_white out");
        }
        model.build(data.channels(), levels, 0);
    }

    @Override
    public AutoregressiveTask newTask() {
        return AutoregressiveTask.of(this);
    }

    @Override
    public Goal goal() {
        return Goal.falling(AutoregressiveFigures.NATS);
    }

    @Override
    public String modelName() {
        return model.name();
    }
}
