package example.regression;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.ImageLoader;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Sampling;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * Batches of bars.
 *
 * @param bars the images and their angles
 * @param loader reads the images
 * @param seed decides the order
 * @param batchSize images in a batch; the last may hold fewer
 * @param workers threads that make batches
 * @param shuffled whether each epoch has an order of its own
 */
record AngleFeed(BarImages bars, ImageLoader loader, long seed, int batchSize, int workers, boolean shuffled)
        implements Feed<AngleBatch> {

    @Override
    public int batchesPerEpoch() {
        return Batches.count(bars.size(), batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, bars.size() - index * batchSize);
    }

    @Override
    public Batches<AngleBatch> batches(int epoch, int first) {
        int[] order = shuffled
                ? Sampling.NONE.order(new int[bars.size()], seed, epoch)
                : IntStream.range(0, bars.size()).toArray();
        return new Batches<>(batch -> make(order, epoch, batch), first, batchesPerEpoch(), workers);
    }

    private AngleBatch make(int[] order, int epoch, int batch) {
        Preprocessing shape = loader.preprocessing();
        int size = batchSize(batch);
        FloatBuffer images = FloatBuffer.allocate(size * shape.channels() * shape.height() * shape.width());
        float[] degrees = new float[size];
        for (int n = 0; n < size; n++) {
            int index = order[batch * batchSize + n];
            // painted images can all be read
            Pixels image = loader.load(index, seed, epoch).orElseThrow();
            shape.normalise(image, images);
            degrees[n] = (float) bars.degrees(index);
        }
        return new AngleBatch(images.array(), shape, degrees);
    }
}
