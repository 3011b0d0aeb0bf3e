package djinn.zoo.nn;

import ai.djl.ndarray.types.Shape;

/** Batch norm was to learn from one value per channel, of which there is no variance. */
public final class SingleValueException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    SingleValueException(Shape input) {
        super("expected more than one value per channel for batch norm in training, got an input of " + input
                + "; take more images in a batch, or larger ones");
    }
}
