package djinn.tasks.points;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Randomness;
import java.util.OptionalLong;

/** Batches of points: of the run's seed other ones in each epoch, held-out ones always the same. */
final class PointFeed implements Feed<PointBatch> {

    private static final long HELD_OUT = -3;

    private final PointData data;
    private final OptionalLong seed;
    private final int batchSize;

    /**
     * A feed.
     *
     * @param data where points lie, and how many there are
     * @param seed the run's; empty of the held-out points
     * @param batchSize points in a batch; the last may have fewer
     */
    PointFeed(PointData data, OptionalLong seed, int batchSize) {
        this.data = data;
        this.seed = seed;
        this.batchSize = batchSize;
    }

    private int points() {
        return seed.isPresent() ? data.points() : data.valPoints();
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(points(), batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, points() - index * batchSize);
    }

    @Override
    public Batches<PointBatch> batches(int epoch, int first) {
        long drawn = seed.isPresent() ? Randomness.mix(seed.getAsLong(), epoch) : HELD_OUT;
        return new Batches<>(
                batch -> data.draw(batchSize(batch), Randomness.mix(drawn, batch)), first, batchesPerEpoch(), 1);
    }
}
