package djinn.training;

import djinn.data.Batch;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Best weights that somebody deleted or damaged, written anew.
 *
 * @param task whose they are
 * @param best their file
 * @param checkpoints what they are written from
 * @param shown which weights are validated
 * @param validations measure the newest where nothing else is left
 * @param warnings told what was done
 * @param <B> what a batch is
 */
record BestRecovery<B extends Batch>(
        Task<B> task,
        BestWeights best,
        Checkpoints checkpoints,
        ShownWeights shown,
        Validations<B> validations,
        Consumer<String> warnings) {

    /**
     * Writes them if they are lost.
     *
     * @param progress of the run
     * @param isOver whether no more will be validated
     * @return the progress; with others as the best where the old ones are gone
     */
    Progress recover(Progress progress, boolean isOver) {
        int epoch = progress.bestEpoch();
        Optional<String> loss = epoch < 0 ? Optional.empty() : best.loss();
        if (loss.isEmpty()) {
            return progress;
        }
        if (best.restore(
                checkpoints, saved -> shown.prefix(epoch, saved.batch() == 0), task.product(shown.model()), progress)) {
            warnings.accept(loss.get() + "; written again from the checkpoint of epoch " + (epoch + 1) + ", the best");
            return progress;
        }
        String gone = loss.get() + ", and no checkpoint of epoch " + (epoch + 1) + ", the best, is left: ";
        if (progress.batch() > 0 && !isOver) {
            warnings.accept(gone + "the best from epoch " + (progress.epoch() + 1) + " on will take its place");
            return progress.withBest(null, null, -1, null);
        }
        int newest = progress.batch() > 0 ? progress.epoch() : progress.epoch() - 1;
        Goal goal = task.goal();
        Map<String, Double> figures = validations.figures(shown.newest(progress));
        Double reached = goal.figure().map(figures::get).orElse(null);
        best.write(task.product(shown.newest(progress)), newest, reached);
        String what =
                goal.figure().map(figure -> " (" + figure + " " + reached + ")").orElse("");
        warnings.accept(gone + "the newest, of epoch " + (newest + 1) + ", are taken" + what);
        return progress.withBest(reached, figures.get("loss"), newest, progress.step());
    }
}
