package example.regression;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Preprocessing;
import java.nio.FloatBuffer;
import java.util.List;

/** Images and their angles. */
final class AngleBatch implements Batch {

    private final float[] images;
    private final Preprocessing shape;
    private final float[] degrees;

    /**
     * A batch.
     *
     * @param examples N of them, the images of the model's size
     * @param shape says C, H and W
     */
    AngleBatch(List<AngledImage> examples, Preprocessing shape) {
        FloatBuffer values = FloatBuffer.allocate(examples.size() * shape.channels() * shape.height() * shape.width());
        this.degrees = new float[examples.size()];
        for (int n = 0; n < degrees.length; n++) {
            shape.normalise(examples.get(n).image(), values);
            degrees[n] = (float) examples.get(n).degrees();
        }
        this.images = values.array();
        this.shape = shape;
    }

    @Override
    public int size() {
        return degrees.length;
    }

    /** Returns the images, (N, C, H, W), float32. */
    NDArray images(NDManager owner) {
        return owner.create(images, new Shape(size(), shape.channels(), shape.height(), shape.width()));
    }

    /** Returns the angles, (N), in degrees. */
    float[] degrees() {
        return degrees.clone();
    }

    /** Returns what the network should answer, (N), float32. */
    NDArray answers(NDManager owner) {
        float[] answers = new float[degrees.length];
        for (int n = 0; n < answers.length; n++) {
            answers[n] = BarImages.SCALE.answer(degrees[n]);
        }
        return owner.create(answers);
    }

    /** The arrays are Java's own. */
    @Override
    public void close() {}
}
