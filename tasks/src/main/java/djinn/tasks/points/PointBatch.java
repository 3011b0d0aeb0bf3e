package djinn.tasks.points;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.Arrays;
import java.util.List;

/** Points of the plane. */
public final class PointBatch implements Batch {

    private final float[] values;

    /**
     * Keeps the points, and does not copy them.
     *
     * @param values x and y of each, one point behind the other
     */
    PointBatch(float[] values) {
        this.values = values;
    }

    /**
     * Returns the points.
     *
     * @param owner owns the array
     * @return (N, 2), float32
     */
    public NDArray points(NDManager owner) {
        return owner.create(values, new Shape(size(), 2));
    }

    /** Returns x and y of each point, one point behind the other; not to be written to. */
    float[] values() {
        return values;
    }

    @Override
    public int size() {
        return values.length / 2;
    }

    @Override
    public List<PointBatch> split(int parts) {
        return Share.of(size(), parts).stream()
                .map(share -> new PointBatch(Arrays.copyOfRange(values, 2 * share.from(), 2 * share.to())))
                .toList();
    }

    /** There is nothing to give back. */
    @Override
    public void close() {}
}
