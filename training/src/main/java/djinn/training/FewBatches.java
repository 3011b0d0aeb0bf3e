package djinn.training;

import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;

/**
 * The first batches of a feed.
 *
 * @param feed the feed
 * @param most how many at most, at least 1
 * @param isSame whether every epoch is the first
 * @param <B> what a batch is
 */
record FewBatches<B extends Batch>(Feed<B> feed, int most, boolean isSame) implements Feed<B> {

    /** What a share of batches may fall short of a whole number by rounding: 0.29 of 100 is 28.999999999999996. */
    private static final double ROUNDING = 1e-9;

    /**
     * Takes a part of a feed.
     *
     * @param key what asks for it
     * @param part below 1 the share of the batches, rounded down; from 1 on their number
     * @param isSame whether every epoch is the first
     * @throws IllegalArgumentException if the share is of no batch
     */
    static <B extends Batch> FewBatches<B> of(Feed<B> feed, String key, double part, boolean isSame) {
        int all = feed.batchesPerEpoch();
        int most = (int) (part < 1 ? part * all + ROUNDING : part);
        if (most < 1) {
            throw new IllegalArgumentException(key + ": expected a share of at least one of the " + all
                    + " batches, got " + part + "; 1 is the first batch alone");
        }
        return new FewBatches<>(feed, most, isSame);
    }

    @Override
    public int batchesPerEpoch() {
        return Math.min(most, feed.batchesPerEpoch());
    }

    @Override
    public int batchSize(int index) {
        return feed.batchSize(index);
    }

    @Override
    public Batches<B> batches(int epoch, int first) {
        return feed.batches(isSame ? 0 : epoch, first).until(batchesPerEpoch());
    }
}
