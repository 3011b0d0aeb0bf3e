package djinn.tasks.points;

import djinn.ops.Default;
import djinn.predict.points.PointCard;
import djinn.tasks.generative.GanObjective;
import djinn.tasks.generative.GanRecipe;
import djinn.training.Goal;
import djinn.training.optimizer.OptimizerRule;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.training.schedule.Schedule;
import java.util.Optional;

/**
 * What decides the training of a generator of points against a critic.
 *
 * @param task {@code gan_points}
 * @param seed decides weights, points and random vectors
 * @param model the two networks
 * @param data the points
 * @param loss what they lower against each other
 * @param criticSteps how many steps the critic takes to one of the generator's
 * @param unrolled how far the generator looks ahead; not at all if left out
 * @param samples the picture drawn after each epoch
 * @param best the figure of held-out points that tells the best weights; the newest are kept if it is left out
 * @param optimizer how the generator learns
 * @param criticOptimizer how the critic learns; as the generator if left out
 * @param schedule how both learning rates move
 * @param train how long, and in what steps: one of the critic's for each batch
 */
public record PointGanRecipe(
        @Default("gan_points") String task,
        @Default("0") long seed,
        @Default("{}") PointModel model,
        PointData data,
        @Default("{}") GanObjective loss,
        @Default("1") int criticSteps,
        Optional<Unrolling> unrolled,
        @Default("{}") PointSamples samples,
        Optional<GanRecipe.Best> best,
        OptimizerRule optimizer,
        Optional<OptimizerRule> criticOptimizer,
        @Default("{name: constant}") Schedule schedule,
        Train train)
        implements Recipe {

    /** Checks what goes together. */
    public PointGanRecipe {
        if (criticSteps < 1) {
            throw new IllegalArgumentException("expected critic_steps of at least 1, got " + criticSteps);
        }
        if (model.start().isPresent() && data.source() != PointSource.LINES) {
            throw new IllegalArgumentException("expected model.start with data.source lines alone, got "
                    + model.start().getAsDouble() + "; leave it out");
        }
        if (unrolled.isPresent() && loss.bound().isPresent()) {
            throw new IllegalArgumentException(
                    "expected unrolled with a loss that clips no weights, got wgan; take wgan_gp");
        }
    }

    /** Returns the card of the generator. */
    PointCard card() {
        return new PointCard(data.source() == PointSource.LINES ? Optional.empty() : Optional.of(model.generator()));
    }

    @Override
    public PointGanTask newTask() {
        return new PointGanTask(this);
    }

    @Override
    public Goal goal() {
        return best.map(GanRecipe.Best::goal).orElse(Goal.newest());
    }

    @Override
    public String modelName() {
        return card().name();
    }
}
