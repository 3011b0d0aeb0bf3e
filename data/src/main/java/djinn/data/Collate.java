package djinn.data;

import java.util.random.RandomGenerator;
import java.util.stream.Stream;

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
     * @param examples those of the batch's places that were not skipped, in their order; perhaps none. Each is read and
     *     changed as it is asked for: who takes what is needed of one before the next holds one in memory, not all
     * @param random follows from (seed, epoch, place of the batch): for what is done to whole batches
     * @return the batch; whoever takes it closes it
     */
    B batch(Stream<E> examples, RandomGenerator random);
}
