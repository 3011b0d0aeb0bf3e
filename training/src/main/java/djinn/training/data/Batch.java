package djinn.training.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Images and labels that are trained on together; to be closed, so that its memory is used again. */
public final class Batch implements AutoCloseable {

    private final ByteBuffer pixels;
    private final Shape shape;
    private final int[] labels;
    private final float[] mixed;
    private final Consumer<ByteBuffer> release;

    /**
     * A batch.
     *
     * @param pixels float32 values, (N, C, H, W), direct
     * @param shape (N, C, H, W)
     * @param labels (N) classes
     * @param mixed (N, K) distributions of the classes; empty where images were not mixed
     * @param release takes the buffer back
     */
    Batch(ByteBuffer pixels, Shape shape, int[] labels, float[] mixed, Consumer<ByteBuffer> release) {
        this.pixels = pixels;
        this.shape = shape;
        this.labels = labels;
        this.mixed = mixed;
        this.release = release;
    }

    /** Returns the number of images; 0 if all of them were skipped. */
    public int size() {
        return labels.length;
    }

    /** Returns the classes, (N); of mixed images, those they had before. */
    public int[] labels() {
        return labels.clone();
    }

    /**
     * Returns the normalised images.
     *
     * @param manager owns the array; it must be closed before the batch is
     * @return (N, C, H, W), float32
     */
    public NDArray images(NDManager manager) {
        return manager.create(pixels.duplicate().order(pixels.order()), shape, DataType.FLOAT32);
    }

    /**
     * Returns the labels for a loss, or the distributions that took their place when images were mixed.
     *
     * @param manager owns the array
     * @return (N), int64; or (N, K), float32
     */
    public NDArray targets(NDManager manager) {
        if (mixed.length > 0) {
            return manager.create(mixed, new Shape(labels.length, mixed.length / labels.length));
        }
        long[] targets = new long[labels.length];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = labels[i];
        }
        return manager.create(targets);
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        release.accept(pixels);
    }
}
