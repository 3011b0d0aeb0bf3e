package com.example.spirals;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.Randomness;
import java.util.SplittableRandom;

/**
 * Points of two spirals that wind around each other: other ones in each epoch where epochs differ, else always the same.
 *
 * @param seed decides the points
 * @param points of an epoch
 * @param batchSize points of a batch
 * @param isRenewed whether every epoch draws its own
 */
record Spirals(long seed, int points, int batchSize, boolean isRenewed) implements Feed<SpiralBatch> {

    private static final double TURNS = 1.5;
    private static final double NOISE = 0.02;

    @Override
    public int batchesPerEpoch() {
        return Batches.count(points, batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, points - index * batchSize);
    }

    @Override
    public Batches<SpiralBatch> batches(int epoch, int first) {
        long drawn = Randomness.mix(seed, isRenewed ? epoch : -1);
        return new Batches<>(
                index -> batch(batchSize(index), Randomness.mix(drawn, index)), first, batchesPerEpoch(), 1);
    }

    /** What is in a batch depends on the seed, the epoch and its place alone: so a run goes on exactly. */
    private static SpiralBatch batch(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] points = new float[2 * size];
        float[] sides = new float[size];
        for (int n = 0; n < size; n++) {
            double side = random.nextBoolean() ? 1 : -1;
            double radius = 0.1 + 0.9 * random.nextDouble();
            double angle = 2 * Math.PI * TURNS * radius;
            points[2 * n] = (float) (side * radius * Math.cos(angle) + NOISE * random.nextGaussian());
            points[2 * n + 1] = (float) (side * radius * Math.sin(angle) + NOISE * random.nextGaussian());
            sides[n] = (float) side;
        }
        return new SpiralBatch(points, sides);
    }
}
