package djinn.training;

import ai.djl.ndarray.NDManager;
import djinn.ops.MemoryFormat;
import djinn.zoo.nn.NamedBlock;

/**
 * An exponential moving average over the steps.
 *
 * <p>The decay rises with the steps, {@code min(decay, (1 + t) / (10 + t))}, so that the random start is soon forgotten.
 */
final class ExponentialAverage extends WeightAverage {

    private final double decay;

    ExponentialAverage(NamedBlock model, NamedBlock average, MemoryFormat format, double decay, NDManager manager) {
        super(model, average, format, manager);
        this.decay = decay;
    }

    @Override
    void afterStep(long step) {
        move(1 - Math.min(decay, (1.0 + step) / (10.0 + step)));
    }

    @Override
    void afterEpoch(int epoch) {}

    @Override
    boolean stands(int epoch) {
        return true;
    }

    @Override
    String prefix() {
        return "ema.";
    }
}
