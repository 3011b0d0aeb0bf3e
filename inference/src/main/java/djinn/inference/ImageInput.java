package djinn.inference;

import ai.djl.ndarray.NDArray;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import java.nio.file.Path;

/** An image that a model is asked about: as it is, to be read when its turn comes, or prepared ahead. */
public final class ImageInput {

    private final Object image;
    private final String name;

    /**
     * An image at a model's size and channels.
     *
     * @param pixels the image, as the preprocessing fits it
     * @param preprocessing what fitted it
     * @param height rows of the image as it was
     * @param width columns of the image as it was
     */
    public record Fitted(Pixels pixels, Preprocessing preprocessing, int height, int width) {}

    private ImageInput(Object image, String name) {
        this.image = image;
        this.name = name;
    }

    /**
     * An image in whatever form there is one.
     *
     * @param image a {@link Path}, {@code byte[]}, {@link java.io.InputStream}, {@link java.awt.image.BufferedImage}, DJL
     *     image or {@link Pixels}, or an {@link NDArray} (C, H, W) that is preprocessed already
     * @param name what messages call it, where it has no name of its own
     */
    public static ImageInput of(Object image, String name) {
        return image instanceof ImageInput input
                ? input
                : new ImageInput(image, image instanceof Path file ? file.toString() : name);
    }

    /** An image that has a model's size and channels. */
    static ImageInput fitted(Pixels pixels, Preprocessing preprocessing, String name) {
        return new ImageInput(new Fitted(pixels, preprocessing, pixels.height(), pixels.width()), name);
    }

    /** An image that is preprocessed already. */
    static ImageInput of(Tensor image, String name) {
        return new ImageInput(image, name);
    }

    /** Returns what messages call it. */
    public String name() {
        return name;
    }

    /**
     * Decodes the image and brings it to a model's size: what takes long and needs no engine, to be done in threads of
     * one's own ahead of {@link Predictor#predictAll}.
     *
     * @param preprocessing the model's
     * @return the image, for models of the same preprocessing
     * @throws djinn.ops.DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind
     */
    public ImageInput prepared(Preprocessing preprocessing) {
        return new ImageInput(fitted(preprocessing), name);
    }

    /**
     * Decodes the image and leaves it in its own size.
     *
     * @param channels 1 or 3
     * @throws djinn.ops.DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind
     */
    public ImageInput decoded(int channels) {
        return new ImageInput(pixels(channels), name);
    }

    /**
     * Returns the image in its own size.
     *
     * @param channels 1 or 3
     * @throws djinn.ops.DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind, or was brought to a model's size
     */
    public Pixels pixels(int channels) {
        if (image instanceof Fitted) {
            throw new IllegalArgumentException(
                    "expected the image as it is for " + name + ", got one at a model's size");
        }
        return DjlImages.read(image, name, channels);
    }

    /**
     * Returns the image at a model's size.
     *
     * @param preprocessing the model's
     * @throws djinn.ops.DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind, or was prepared for another model
     */
    public Fitted fitted(Preprocessing preprocessing) {
        if (image instanceof Fitted fitted) {
            if (!fitted.preprocessing.equals(preprocessing)) {
                throw new IllegalArgumentException("expected an image prepared by " + preprocessing + " as " + name
                        + ", got one by " + fitted.preprocessing);
            }
            return fitted;
        }
        Pixels pixels = DjlImages.read(image, name, preprocessing.channels());
        return new Fitted(preprocessing.fit(pixels), preprocessing, pixels.height(), pixels.width());
    }

    /** One image that is preprocessed already, of some that are side by side; or null if this is no such image. */
    Tensor tensor() {
        return image instanceof NDArray array ? Tensor.of(array) : image instanceof Tensor tensor ? tensor : null;
    }
}
