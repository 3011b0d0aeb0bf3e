package djinn.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.SingleValueException;
import djinn.zoo.weights.StateDict;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a model can learn from a batch of one example: not where batch norm would get one value per channel, as behind
 * global pooling, for one value has no variance.
 *
 * <p>It is found out by a pass of such a batch through a copy of the model, and only when there is one.
 */
final class LoneExamples<B extends Batch> {

    private final Task<B> task;
    private final Feed<B> training;
    private final Recipe recipe;
    private final NamedBlock model;

    /** Whether there is batch norm that learns. */
    private final boolean isNormed;

    private final Set<String> frozen;
    private Boolean refused;

    /**
     * Of a model whose frozen parameters are so now, whatever becomes of them: where they are batch norm's, it learns
     * nothing.
     */
    LoneExamples(Task<B> task, Feed<B> training, Recipe recipe, NamedBlock model) {
        this.task = task;
        this.training = training;
        this.recipe = recipe;
        this.model = model;
        isNormed = !BatchNorms.learning(model).isEmpty();
        frozen = BatchNorms.frozen(model);
    }

    /** Whether the batch is trained on. */
    boolean take(B batch) {
        return batch.size() > 1 || (batch.size() == 1 && !refuse(batch));
    }

    /** Returns how many batches of an epoch are trained on: all, or all but a last one of one example. */
    int batchesPerEpoch() {
        int batches = training.batchesPerEpoch();
        int last = batches - 1;
        boolean lone = training.batchSize(last) == 1 && isNormed;
        if (!lone) {
            return batches;
        }
        // a last batch that cannot be read is left out in any case
        try (Batches<B> data = training.batches(0, last);
                B batch = data.next()) {
            return take(batch) ? batches : last;
        }
    }

    /**
     * Returns a line about a last batch that is left out; empty if there is none.
     *
     * @param batches those that are trained on
     */
    Optional<String> leftOut(int batches) {
        if (batches == training.batchesPerEpoch()) {
            return Optional.empty();
        }
        int size = training.batchSize(0);
        long examples = (long) batches * size + 1;
        String better = "";
        for (int other = size - 1; other > 1 && better.isEmpty(); other--) {
            better = examples % other == 1 ? "" : "; train.batch_size=" + other + " would use all";
        }
        return Optional.of("the last batch of each epoch has one of the " + task.examples()
                + ", another each time, and is left out: " + cause() + better);
    }

    /**
     * Checks that something is left to train on.
     *
     * @param batches those that are trained on
     * @throws IllegalArgumentException if every batch is one example, and the model cannot learn from such
     */
    void require(int batches) {
        boolean none = batches == 0 || (training.batchSize(0) == 1 && isNormed && refusesFirst());
        if (none) {
            int size = recipe.train().batchSize();
            throw new IllegalArgumentException("train.batch_size: expected batches of at least 2 " + task.examples()
                    + ", got 1" + (size == 1 ? "" : " in all") + ": " + cause() + "; "
                    + (size == 1 ? "set train.batch_size to 2 or more" : "add " + task.examples())
                    + ", make each larger, or take a model without batch norm");
        }
    }

    private boolean refusesFirst() {
        try (Batches<B> data = training.batches(0, 0)) {
            while (data.hasNext()) {
                try (B batch = data.next()) {
                    if (batch.size() > 0) {
                        return refuse(batch);
                    }
                }
            }
        }
        return false;
    }

    private String cause() {
        return "batch norm of " + recipe.modelName()
                + " gets one value per channel from one of this size alone, and one value has no variance";
    }

    private boolean refuse(B one) {
        if (refused == null) {
            refused = isNormed && fails(one);
        }
        return refused;
    }

    private boolean fails(B one) {
        NamedBlock copy = task.newModel();
        try (NDManager manager = PyTorch.newManager(model.device());
                Autograd.Scope recording = Autograd.withGradients()) {
            copy.initialize(manager);
            BatchNorms.freeze(copy, frozen);
            recipe.train()
                    .memoryFormat()
                    .format()
                    .convert(new NDList(StateDict.of(copy).values()));
            Pass pass = new Pass(
                    new ParameterStore(manager, false),
                    true,
                    false,
                    recipe.train().precision());
            task.turns().forEach(turn -> turn.forward().run(copy, one, manager, pass));
            return false;
        } catch (SingleValueException e) {
            return true;
        }
    }
}
