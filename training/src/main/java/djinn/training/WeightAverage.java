package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.ops.Foreach;
import djinn.ops.MemoryFormat;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An average of a model's weights and running statistics over the training, held in a second model.
 *
 * <p>Whole numbers, such as a count of batches, are copied.
 */
abstract sealed class WeightAverage permits ExponentialAverage, EqualAverage {

    private final NamedBlock average;
    private final NDList averages = new NDList();
    private final NDList weights = new NDList();
    private final NDList countTargets = new NDList();
    private final NDList counts = new NDList();

    /** Starts the average at the model's weights, its own in an order of elements. */
    WeightAverage(NamedBlock model, NamedBlock average, MemoryFormat format, NDManager manager) {
        this.average = average;
        average.initialize(manager);
        format.convert(new NDList(StateDict.of(average).values()));
        Map<String, NDArray> from = StateDict.of(model);
        StateDict.load(average, from, "the model's own state");
        StateDict.of(average).forEach((name, array) -> {
            boolean whole = array.getDataType().isInteger();
            (whole ? countTargets : averages).add(array);
            (whole ? counts : weights).add(from.get(name));
        });
    }

    /** Returns the average the recipe asks for, of a learner's model; empty if none. */
    static <B extends Batch> Optional<WeightAverage> of(
            Recipe recipe, Task<B> task, Learner<B> learner, NDManager manager) {
        NamedBlock model = learner.model();
        Train train = recipe.train();
        if (train.emaDecay().isPresent()) {
            double decay = train.emaDecay().getAsDouble();
            return Optional.of(new ExponentialAverage(
                    model, task.newModel(), train.memoryFormat().format(), decay, manager));
        }
        return train.swa().map(swa -> new EqualAverage<>(learner, task, recipe, swa, manager));
    }

    /** Takes in the weights after a step, the steps counted from 1. */
    abstract void afterStep(long step);

    /** Takes in the weights after an epoch, the epochs counted from 0, before the average is validated. */
    abstract void afterEpoch(int epoch);

    /** Whether the average is validated after an epoch, and not the weights themselves. */
    abstract boolean stands(int epoch);

    /** What the names of its arrays begin with in a checkpoint. */
    abstract String prefix();

    /** All of its state by name; the average's own arrays. */
    Map<String, NDArray> state() {
        return new LinkedHashMap<>(StateDict.of(average));
    }

    /** Goes on from a saved state. */
    void load(Map<String, NDArray> state) {
        StateDict.load(average, state, "the checkpoint's average");
    }

    /** Moves the average towards the weights; a share of 1 copies them. */
    final void move(double share) {
        Foreach.lerp(averages, weights, share);
        Foreach.copy(countTargets, counts);
    }

    final NamedBlock model() {
        return average;
    }
}
