package djinn.metrics;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.Optional;

/**
 * An object that a model claims to see.
 *
 * @param category number of its class
 * @param box where it is
 * @param score higher is surer
 * @param mask its pixels, where masks are compared
 */
public record Detection(int category, Box box, double score, Optional<RunLengthMask> mask) {

    /**
     * Checks the score.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Detection {
        if (!Double.isFinite(score)) {
            throw new IllegalArgumentException(
                    "expected a finite score, got " + score + "; has the training diverged?");
        }
    }

    /**
     * Returns a detection without mask.
     *
     * @param category number of its class
     * @param box where it is
     * @param score higher is surer
     * @return the detection
     */
    public static Detection of(int category, Box box, double score) {
        return new Detection(category, box, score, Optional.empty());
    }

    /**
     * Returns a detection with the box of its mask.
     *
     * @param category number of its class
     * @param mask its pixels
     * @param score higher is surer
     * @return the detection
     */
    public static Detection of(int category, RunLengthMask mask, double score) {
        return new Detection(category, mask.box(), score, Optional.of(mask));
    }
}
