package djinn.zoo.detection;

import djinn.zoo.Architecture;
import djinn.zoo.weights.KeyMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A line of the table of detectors.
 *
 * @param name as the reference spells it
 * @param size H and W of the input it was made for
 * @param classes K it was made for, without background
 * @param paper author, year, table or section
 * @param builder makes the network, not initialised
 * @param keyMaps the names other libraries' checkpoints have for its arrays
 * @param takesBackbone whether it is built on any backbone that is asked for, and not on one of its own
 */
public record DetectorEntry(
        String name,
        int size,
        int classes,
        String paper,
        Function<DetectorOptions, Detector> builder,
        List<KeyMap> keyMaps,
        boolean takesBackbone)
        implements Architecture {

    /** Copies the key maps. */
    public DetectorEntry {
        keyMaps = List.copyOf(keyMaps);
    }

    /** Builds the network for some classes on its own backbone. */
    public Detector build(int of) {
        return build(new DetectorOptions(of, Optional.empty()));
    }

    /**
     * Builds the network as it is asked for.
     *
     * @throws IllegalArgumentException if there is no such backbone, or it or the anchors cannot be chosen
     */
    public Detector build(DetectorOptions options) {
        if (options.backbone().isPresent() && !takesBackbone) {
            throw new IllegalArgumentException("expected no backbone for " + name + ", which has its own, got "
                    + options.backbone().get());
        }
        Detector built = builder.apply(options);
        boolean hasAnchors = built instanceof Yolo yolo && yolo.shapes().sizes().equals(options.anchors());
        if (!options.anchors().isEmpty() && !hasAnchors) {
            throw new IllegalArgumentException(
                    "expected no anchors for " + name + ", which has its own, got " + options.anchors());
        }
        return built;
    }

    /** Builds the network as it was made. */
    public Detector build() {
        return build(classes);
    }
}
