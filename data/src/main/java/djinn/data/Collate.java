package djinn.data;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes a batch of examples. May be called from several threads.
 *
 * @param <E> what an example is
 * @param <B> what a batch is
 */
@FunctionalInterface
public interface Collate<E, B extends Batch> {

    /**
     * Makes a batch.
     *
     * @param examples those of the batch's places that were not skipped, in their order; perhaps none
     * @param random follows from (seed, epoch, place of the batch): for what is done to whole batches
     * @return the batch; whoever takes it closes it
     */
    B batch(List<E> examples, RandomGenerator random);
}
