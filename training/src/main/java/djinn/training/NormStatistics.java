package djinn.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.List;

/**
 * Batch norm's running statistics of weights that were not trained but averaged, which gives other activations than any
 * of their parts.
 *
 * <p>They are learned by a pass over an epoch's training data, each batch with the same share, as {@code
 * torch.optim.swa_utils.update_bn} does.
 */
public final class NormStatistics {

    private NormStatistics() {}

    /**
     * Learns those of a model anew, but for what the recipe freezes to its end.
     *
     * @param task whose data is used
     * @param recipe the task's
     * @param model all networks of the task, initialised and loaded; its arrays are brought to the recipe's order of
     *     elements
     * @param <B> what a batch is
     * @return how many batch norms there are
     * @throws djinn.ops.DataException if the data cannot be read
     */
    public static <B extends Batch> int learn(Task<B> task, Recipe recipe, NamedBlock model) {
        recipe.train()
                .memoryFormat()
                .format()
                .convert(new NDList(StateDict.of(model).values()));
        new Freezing(model, recipe.train()).begin(recipe.train().epochs());
        Feed<B> training = Feeds.of(task, recipe.train()).training();
        return learn(task, recipe, model, training, new LoneExamples<>(task, training, recipe, model), 0);
    }

    /** Learns those of a model whose frozen parameters are so already, by an epoch of a run. */
    static <B extends Batch> int learn(
            Task<B> task, Recipe recipe, NamedBlock model, Feed<B> training, LoneExamples<B> lone, int epoch) {
        List<BatchNorm2d> norms = BatchNorms.learning(model);
        if (norms.isEmpty()) {
            return 0;
        }
        norms.forEach(BatchNorm2d::resetStatistics);
        try (NDManager manager = PyTorch.newManager(model.device());
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<B> batches = training.batches(epoch, 0)) {
            Pass pass = new Pass(
                    new ParameterStore(manager, false),
                    true,
                    true,
                    recipe.train().precision());
            for (int index = 0; batches.hasNext(); index++) {
                // negative, so that no seed is one of the training's own
                Randomness.seed(Randomness.mix(recipe.seed(), epoch, -1 - index));
                try (B batch = batches.next();
                        NDManager step = manager.newSubManager()) {
                    if (lone.take(batch)) {
                        task.turns().forEach(turn -> turn.forward().run(model, batch, step, pass));
                    }
                }
            }
        }
        return norms.size();
    }
}
