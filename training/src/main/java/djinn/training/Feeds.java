package djinn.training;

import djinn.data.Batch;
import djinn.data.Feed;
import djinn.training.recipe.Train;

/**
 * What a run trains and validates on: the task's data, or as much of it as the recipe says.
 *
 * @param training what is learned from
 * @param heldOut what is validated on
 * @param <B> what a batch is
 */
record Feeds<B extends Batch>(Feed<B> training, Feed<B> heldOut) {

    static <B extends Batch> Feeds<B> of(Task<B> task, Train train) {
        if (train.overfitBatches().isPresent()) {
            double part = train.overfitBatches().getAsDouble();
            Feed<B> same = FewBatches.of(task.training(), "train.overfit_batches", part, true);
            return new Feeds<>(same, same);
        }
        Feed<B> training = task.training();
        Feed<B> heldOut = task.heldOut();
        if (train.fastDevRun()) {
            return new Feeds<>(new FewBatches<>(training, 1, false), new FewBatches<>(heldOut, 1, false));
        }
        if (train.limitTrainBatches().isPresent()) {
            double part = train.limitTrainBatches().getAsDouble();
            training = FewBatches.of(training, "train.limit_train_batches", part, false);
        }
        if (train.limitValBatches().isPresent()) {
            double part = train.limitValBatches().getAsDouble();
            heldOut = FewBatches.of(heldOut, "train.limit_val_batches", part, false);
        }
        return new Feeds<>(training, heldOut);
    }
}
