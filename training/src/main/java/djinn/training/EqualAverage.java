package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.ops.Autograd;
import djinn.ops.Precision;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Swa;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Map;

/**
 * The equal average of the weights at the end of each epoch from some epoch on: stochastic weight averaging (Izmailov et
 * al. 2018).
 *
 * <p>Averaged weights give other activations than any of their parts, so batch norm's running statistics are learned
 * anew by a pass over the epoch's training data, each batch with the same share, as {@code
 * torch.optim.swa_utils.update_bn} does.
 */
final class EqualAverage<B extends Batch> extends WeightAverage {

    private static final String COUNT = "n_averaged";

    private final Task<B> task;
    private final Learner<B> learner;
    private final int first;
    private final long seed;
    private final Precision precision;
    /** How many epochs are in the average, a scalar. */
    private final NDArray count;

    /**
     * An average of nothing yet.
     *
     * @param swa when it begins
     * @param recipe the recipe: its seed decides dropout while statistics are learned
     */
    EqualAverage(Learner<B> learner, Task<B> task, Recipe recipe, Swa swa, NDManager manager) {
        super(learner.model(), task.newModel(), recipe.train().memoryFormat().format(), manager);
        this.task = task;
        this.learner = learner;
        this.first = swa.firstEpoch(recipe.train().epochs());
        this.seed = recipe.seed();
        this.precision = recipe.train().precision();
        count = manager.create(0L);
    }

    @Override
    void afterStep(long step) {}

    @Override
    void afterEpoch(int epoch) {
        if (!stands(epoch)) {
            return;
        }
        if (epoch == first) {
            // a run resumed with more epochs may have averaged before
            count.set(new long[1]);
        }
        count.addi(1);
        move(1.0 / count.getLong());
        // what learns may have changed since the epoch before
        BatchNorms.freeze(model(), BatchNorms.frozen(learner.model()));
        List<BatchNorm2d> norms = BatchNorms.learning(model());
        if (!norms.isEmpty()) {
            norms.forEach(BatchNorm2d::resetStatistics);
            learnStatistics(epoch);
        }
    }

    @Override
    boolean stands(int epoch) {
        return epoch >= first;
    }

    @Override
    String prefix() {
        return "swa.";
    }

    @Override
    Map<String, NDArray> state() {
        Map<String, NDArray> state = super.state();
        state.put(COUNT, count);
        return state;
    }

    @Override
    void load(Map<String, NDArray> state) {
        NDArray saved = state.remove(COUNT);
        super.load(state);
        count.set(saved.toLongArray());
    }

    private void learnStatistics(int epoch) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<B> batches = learner.feeds().training().batches(epoch, 0)) {
            Pass pass = new Pass(new ParameterStore(manager, false), true, true, precision);
            for (int index = 0; batches.hasNext(); index++) {
                // negative, so that no seed is one of the training's own
                Randomness.seed(Randomness.mix(seed, epoch, -1 - index));
                try (B batch = batches.next();
                        NDManager step = manager.newSubManager()) {
                    if (learner.lone().take(batch)) {
                        task.turns().forEach(turn -> turn.forward().run(model(), batch, step, pass));
                    }
                }
            }
        }
    }
}
