package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Swa;
import java.util.Map;

/**
 * The equal average of the weights at the end of each epoch from some epoch on: stochastic weight averaging (Izmailov et
 * al. 2018).
 *
 * <p>Batch norm's running statistics are learned anew, as {@link NormStatistics} says.
 */
final class EqualAverage<B extends Batch> extends WeightAverage {

    private static final String COUNT = "n_averaged";

    private final Task<B> task;
    private final Learner<B> learner;
    private final int first;
    private final Recipe recipe;

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
        this.recipe = recipe;
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
        NormStatistics.learn(task, recipe, model(), learner.feeds().training(), learner.lone(), epoch);
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
}
