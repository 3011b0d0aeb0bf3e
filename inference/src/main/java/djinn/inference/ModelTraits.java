package djinn.inference;

import ai.djl.ndarray.types.Shape;
import java.util.Optional;

/**
 * What a codec must know of a model that its card does not say.
 *
 * @param takesPixels whether it takes images of bytes, (N, H, W, C), and normalises them itself
 * @param answersProbabilities whether its first output is of probabilities already, and not of logits
 * @param inputShape the extents of its first input, -1 for those that are free; empty if it does not say
 * @param source where it came from, for messages
 */
public record ModelTraits(
        boolean takesPixels, boolean answersProbabilities, Optional<Shape> inputShape, String source) {}
