package djinn.data;

/**
 * The batches of a part of a data set: what is in them depends on the feed's seed, the epoch and their place alone.
 *
 * @param <B> what a batch is
 */
public interface Feed<B extends Batch> {

    /** Returns the number of batches in an epoch. */
    int batchesPerEpoch();

    /**
     * Returns how many examples a batch has if all of them can be read; all batches but the last have as many.
     *
     * @param index its place in the epoch, from 0 on
     */
    int batchSize(int index);

    /**
     * Starts an epoch.
     *
     * @param epoch from 0 on; of held-out data all epochs are the same
     * @param first the batch to begin with
     * @return its batches
     */
    Batches<B> batches(int epoch, int first);
}
