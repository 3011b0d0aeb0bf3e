package djinn.zoo;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What every model of the zoo can be asked for.
 *
 * @param classes the number of classes K
 * @param inChannels C of the input: 1 for grey, 3 for colour
 * @param width the channels at full size, of models that {@link ModelEntry#hasWidth() have a width}; the paper's if empty
 * @param backbone a classifier's name, of models that {@link ModelEntry#takesBackbone() are built on any}; their usual one
 *     if empty
 */
public record ModelOptions(int classes, int inChannels, OptionalInt width, Optional<String> backbone) {

    /** Checks that all are at least 1. */
    public ModelOptions {
        if (classes < 1 || inChannels < 1) {
            throw new IllegalArgumentException(
                    "expected classes and channels of at least 1, got " + classes + " and " + inChannels);
        }
        if (width.orElse(1) < 1) {
            throw new IllegalArgumentException("expected a width of at least 1, got " + width.getAsInt());
        }
    }

    /** A model of the paper's width. */
    public ModelOptions(int classes, int inChannels) {
        this(classes, inChannels, OptionalInt.empty());
    }

    /** A model on its usual backbone. */
    public ModelOptions(int classes, int inChannels, OptionalInt width) {
        this(classes, inChannels, width, Optional.empty());
    }
}
