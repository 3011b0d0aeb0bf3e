package djinn.inference;

import djinn.data.Preprocessing;
import java.util.List;

/**
 * A model that answers images, whatever its task.
 *
 * @param <A> what is answered
 * @param predictor answers prepared images
 * @param images what is done to every image
 * @param asTheyAre whether the predictor brings images to the model's size itself, looking at them in parts
 */
public record ImagePredictor<A extends Answer>(
        Predictor<ImageInput, A> predictor, Preprocessing images, boolean asTheyAre) implements AutoCloseable {

    /** A model that sees every image at its own size. */
    public ImagePredictor(Predictor<ImageInput, A> predictor, Preprocessing images) {
        this(predictor, images, false);
    }

    /**
     * Decodes an image and brings it to the model's size, without the engine: may be called in threads of one's own.
     *
     * @param image a {@link java.nio.file.Path}, {@code byte[]}, {@link java.io.InputStream}, {@link
     *     java.awt.image.BufferedImage}, DJL image or {@link djinn.data.Pixels}
     * @param name what messages call it
     * @throws djinn.ops.DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind
     */
    public ImageInput prepare(Object image, String name) {
        ImageInput input = ImageInput.of(image, name);
        return asTheyAre ? input.decoded(images.channels()) : input.prepared(images);
    }

    /**
     * Answers an image.
     *
     * @param image in one of the forms that {@link #prepare} takes
     * @return the answer
     * @throws djinn.ops.DataException if it cannot be read
     * @throws djinn.ops.NotFiniteException if the model's answer is NaN or infinite
     */
    public A predict(Object image) {
        return predictor.predict(ImageInput.of(image, "the image"));
    }

    /**
     * Answers images.
     *
     * @param inputs the images
     * @return an answer for each, in order
     * @throws djinn.ops.DataException if an image cannot be read
     * @throws djinn.ops.NotFiniteException if the model's answer to one is NaN or infinite
     */
    public List<A> predictAll(List<ImageInput> inputs) {
        return predictor.predictAll(inputs);
    }

    @Override
    public void close() {
        predictor.close();
    }
}
