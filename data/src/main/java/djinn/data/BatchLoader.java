package djinn.data;

import java.util.Map;

/**
 * Makes batches of the examples of a data set.
 *
 * @param <B> what a batch is
 */
public interface BatchLoader<B extends Batch> {

    /** Returns the number of examples. */
    int size();

    /** Returns what was skipped so far: the names of the examples and why. */
    Map<String, String> skipped();

    /**
     * Returns batches of the examples.
     *
     * @param sampler which examples, in what order
     * @param seed decides order and changes
     * @param batchSize examples in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     */
    Feed<B> feed(Sampler sampler, long seed, int batchSize, int workers);
}
