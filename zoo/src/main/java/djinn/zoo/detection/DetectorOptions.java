package djinn.zoo.detection;

import djinn.ops.MaskClasses;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a detector.
 *
 * @param classes K, without background
 * @param backbone a model's name; empty for the architecture's own
 * @param anchors widths and heights in pixels, the finest map's first, of a network that takes them; empty for its own
 * @param masks how the pixels of the classes hang together, of a network that tells them
 */
public record DetectorOptions(int classes, Optional<String> backbone, List<List<Double>> anchors, MaskClasses masks) {

    /** Checks that there is a class. */
    public DetectorOptions {
        anchors = anchors.stream().map(List::copyOf).toList();
        if (classes < 1) {
            throw new IllegalArgumentException("expected at least one class, got " + classes);
        }
    }

    /** With a mask of its own for each class. */
    public DetectorOptions(int classes, Optional<String> backbone, List<List<Double>> anchors) {
        this(classes, backbone, anchors, MaskClasses.PER_CLASS);
    }

    /** With the network's own anchors. */
    public DetectorOptions(int classes, Optional<String> backbone) {
        this(classes, backbone, List.of());
    }
}
