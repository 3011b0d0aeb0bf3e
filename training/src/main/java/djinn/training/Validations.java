package djinn.training;

import djinn.data.Batch;
import djinn.ops.Autograd;
import djinn.training.Stopwatch.Part;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What is done after an epoch: the weights are validated, kept if they are among the best, and drawn. */
final class Validations<B extends Batch> {

    private final Task<B> task;
    private final Goal goal;
    private final Recipe recipe;
    private final Feeds<B> feeds;
    private final BestWeights best;
    private final Optional<TopWeights> top;
    private final Path run;
    private final Stopwatch stopwatch;

    /**
     * Those of a run.
     *
     * @param figures the task's
     * @param stopwatch told of the parts of a validation
     */
    Validations(
            Task<B> task,
            List<String> figures,
            Recipe recipe,
            Feeds<B> feeds,
            BestWeights best,
            Path run,
            Stopwatch stopwatch) {
        this.stopwatch = stopwatch;
        this.task = task;
        this.recipe = recipe;
        this.feeds = feeds;
        this.best = best;
        this.run = run;
        goal = task.goal();
        top = recipe.train().keep().map(keep -> new TopWeights(keep, goal, figures, run));
    }

    /** Returns the figures of weights. */
    Map<String, Double> figures(NamedBlock shown) {
        return Trainer.validate(task, shown, feeds.heldOut()).values();
    }

    /**
     * Validates weights.
     *
     * @param shown the weights
     * @param progress of the run before, in the epoch that was trained
     * @param step the steps done
     * @param isWhole whether the epoch was trained to its end
     * @param finite checks what is told of it and its value
     */
    Validated make(NamedBlock shown, Progress progress, long step, boolean isWhole, BiConsumer<String, Double> finite) {
        int epoch = progress.epoch();
        Map<String, Double> figures = figures(shown);
        stopwatch.lap(Part.VALIDATION);
        for (String figure : new TreeSet<>(List.of("loss", goal.figure().orElse("loss")))) {
            if (figures.containsKey(figure)) {
                finite.accept("the validation " + figure + " became", figures.get(figure));
            }
        }
        Double reached = goal.figure().map(figures::get).orElse(null);
        Double loss = figures.get("loss");
        boolean isBest = progress.isBetter(goal, reached, loss);
        if (isBest) {
            best.write(task.product(shown), epoch, reached);
        }
        Validated validated = new Validated(epoch, step, isWhole, figures, reached, loss, isBest, progress.kept());
        List<KeptFile> kept = top.map(folder ->
                        folder.keep(progress.kept(), task.product(shown), best.metadata(epoch, reached), validated))
                .orElse(List.of());
        stopwatch.lap(Part.SAVING);
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            task.afterEpoch(shown, epoch, run);
        }
        stopwatch.lap(Part.AFTER_EPOCH);
        return validated.with(kept);
    }

    /** Returns how far a run is after the validation of a whole epoch. */
    Progress next(Progress progress, Validated validated) {
        List<Double> watched = recipe.schedule().watches().map(validated.figures()::get).stream()
                .toList();
        int patience = recipe.train().patience().orElse(Integer.MAX_VALUE);
        return progress.nextEpoch(validated.step(), goal, validated.reached(), validated.loss(), watched, patience)
                .withKept(validated.kept());
    }

    /** Returns how far a run is after the validation of an epoch that was not trained to its end: no epoch further. */
    Progress concluded(Progress progress, Validated validated) {
        Progress kept = progress.withKept(validated.kept());
        return validated.isBest()
                ? kept.withBest(validated.reached(), validated.loss(), validated.epoch(), validated.step())
                : kept;
    }

    /** Returns the progress of a checkpoint, of which those files are left alone that this recipe does not keep. */
    Progress restored(Progress saved) {
        return saved.withKept(top.map(folder -> folder.own(saved.kept())).orElse(List.of()));
    }
}
