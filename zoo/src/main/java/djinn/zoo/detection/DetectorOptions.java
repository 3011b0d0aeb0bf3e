package djinn.zoo.detection;

import java.util.Optional;

/**
 * What is asked of a detector.
 *
 * @param classes K, without background
 * @param backbone a model's name; empty for the architecture's own
 */
public record DetectorOptions(int classes, Optional<String> backbone) {

    /** Checks that there is a class. */
    public DetectorOptions {
        if (classes < 1) {
            throw new IllegalArgumentException("expected at least one class, got " + classes);
        }
    }
}
