package djinn.training;

import djinn.data.Batch;
import djinn.metrics.Metrics;

/**
 * The figures of a task, told of every outcome: of each turn in training, and of what is evaluated.
 *
 * @param <B> what a batch is
 */
public interface Figures<B extends Batch> extends Metrics {

    /**
     * Takes in an outcome. In training it is called at every step: whoever waits for the device here slows it down.
     *
     * @param batch what it came of
     * @param outcome stays the caller's, and is freed after the call: what is kept must be detached
     */
    void add(B batch, Outcome outcome);
}
