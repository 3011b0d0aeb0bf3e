package djinn.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Images and labels that are trained on together; to be closed, so that its memory is used again. */
public final class ImageBatch implements PixelBatch {

    private final ByteBuffer pixels;
    private final Preprocessing preprocessing;
    private final int[] labels;
    private final BatchChange mixture;
    private final Consumer<ByteBuffer> release;

    /**
     * A batch.
     *
     * @param pixels unsigned bytes, (N, H, W, C), direct
     * @param preprocessing says H, W and C, and how values are scaled
     * @param labels (N) classes
     * @param mixture what is done to the images and the labels
     * @param release takes the buffer back
     */
    ImageBatch(
            ByteBuffer pixels,
            Preprocessing preprocessing,
            int[] labels,
            BatchChange mixture,
            Consumer<ByteBuffer> release) {
        this.pixels = pixels;
        this.preprocessing = preprocessing;
        this.labels = labels;
        this.mixture = mixture;
        this.release = release;
    }

    /** Returns the number of images; 0 if all of them were skipped. */
    @Override
    public int size() {
        return labels.length;
    }

    /** Returns the classes, (N); of mixed images, those they had before. */
    public int[] labels() {
        return labels.clone();
    }

    /**
     * Returns the images, normalised and mixed. They are handed over as bytes, a quarter of what floats would be.
     *
     * @param manager owns the array; it must be closed before the batch is
     * @return (N, C, H, W), float32, the channels of a pixel side by side in memory
     */
    @Override
    public NDArray images(NDManager manager) {
        int each = preprocessing.height() * preprocessing.width() * preprocessing.channels();
        // of a share of mixed images all are there, for they are mixed with one another
        int count = mixture == BatchChange.NONE ? labels.length : pixels.limit() / each;
        Shape shape = new Shape(count, preprocessing.height(), preprocessing.width(), preprocessing.channels());
        try (NDArray bytes = manager.create(pixels.duplicate(), shape, DataType.UINT8)) {
            return mixture.apply(preprocessing.normalise(bytes));
        }
    }

    /**
     * Returns the labels for a loss, or the distributions that took their place when images were mixed.
     *
     * @param manager owns the array
     * @return (N), int64; or (N, K), float32
     */
    public NDArray targets(NDManager manager) {
        float[] mixed = mixture.targets();
        if (mixed.length > 0) {
            return manager.create(mixed, new Shape(labels.length, mixed.length / labels.length));
        }
        long[] targets = new long[labels.length];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = labels[i];
        }
        return manager.create(targets);
    }

    @Override
    public List<ImageBatch> split(int parts) {
        int each = preprocessing.height() * preprocessing.width() * preprocessing.channels();
        return Share.of(labels.length, parts).stream()
                .map(share -> new ImageBatch(
                        mixture == BatchChange.NONE
                                ? pixels.slice(share.from() * each, share.size() * each)
                                : pixels.duplicate(),
                        preprocessing,
                        Arrays.copyOfRange(labels, share.from(), share.to()),
                        mixture.of(share, labels.length),
                        buffer -> {}))
                .toList();
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        release.accept(pixels);
    }
}
