package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.ops.Foreach;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.util.Map;

/**
 * An exponential moving average of a model's weights and running statistics, held in a second model.
 *
 * <p>The decay rises with the steps, {@code min(decay, (1 + t) / (10 + t))}, so that the random start is soon forgotten.
 * Whole numbers, such as a count of batches, are copied.
 */
final class WeightAverage {

    private final double decay;
    private final NamedBlock average;
    private final NDList averages = new NDList();
    private final NDList weights = new NDList();
    private final NDList countTargets = new NDList();
    private final NDList counts = new NDList();

    /** Starts the average at the model's weights. */
    WeightAverage(NamedBlock model, NamedBlock average, double decay, NDManager manager) {
        this.decay = decay;
        this.average = average;
        average.initialize(manager);
        Map<String, NDArray> from = StateDict.of(model);
        StateDict.load(average, from, "the model's own state");
        StateDict.of(average).forEach((name, array) -> {
            boolean whole = array.getDataType().isInteger();
            (whole ? countTargets : averages).add(array);
            (whole ? counts : weights).add(from.get(name));
        });
    }

    /** Takes in the weights after a step, the steps counted from 1. */
    void update(long step) {
        Foreach.lerp(averages, weights, 1 - Math.min(decay, (1.0 + step) / (10.0 + step)));
        Foreach.copy(countTargets, counts);
    }

    NamedBlock model() {
        return average;
    }
}
