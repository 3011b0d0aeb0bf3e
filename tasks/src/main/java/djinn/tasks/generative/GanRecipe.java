package djinn.tasks.generative;

import djinn.ops.Default;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import djinn.zoo.generative.GanNetworks;
import java.util.Optional;

/**
 * What decides the training of a generator of images against a critic.
 *
 * @param task {@code gan}
 * @param seed decides weights, order and random vectors
 * @param model the two networks
 * @param data the images
 * @param loss what they lower against each other
 * @param criticSteps how many steps the critic takes to one of the generator's
 * @param samples the pictures drawn after each epoch
 * @param quality who judges drawn images beside held-out ones; nobody if left out
 * @param best the figure of held-out images that tells the best weights; the newest are kept if it is left out
 * @param optimizer how the generator learns
 * @param criticOptimizer how the critic learns; as the generator if left out
 * @param schedule how both learning rates move
 * @param train how long, and in what steps: one of the critic's for each batch
 */
public record GanRecipe(
        @Default("gan") String task,
        @Default("0") long seed,
        @Default("{}") GanModel model,
        DrawnData data,
        @Default("{}") GanObjective loss,
        @Default("5") int criticSteps,
        @Default("{}") Samples samples,
        Optional<Quality> quality,
        Optional<Best> best,
        OptimizerRule optimizer,
        Optional<OptimizerRule> criticOptimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements ImageMakingRecipe {

    /**
     * Which weights are the best.
     *
     * @param figure the figure's name
     * @param rises whether more is better
     */
    public record Best(String figure, @Default("false") boolean rises) {

        /** Returns the goal. */
        public Goal goal() {
            return rises ? Goal.rising(figure) : Goal.falling(figure);
        }
    }

    /** Checks that the networks fit the images. */
    public GanRecipe {
        if (criticSteps < 1) {
            throw new IllegalArgumentException("expected critic_steps of at least 1, got " + criticSteps);
        }
        GanNetworks.Extents extents = model.extents(data);
        model.drawing().generator(extents);
        model.judging().critic(extents);
    }

    @Override
    public GanTask newTask() {
        return new GanTask(this);
    }

    @Override
    public Goal goal() {
        return best.map(Best::goal).orElse(Goal.newest());
    }

    @Override
    public String modelName() {
        return model.name();
    }
}
