package djinn.zoo.detection;

import ai.djl.ndarray.types.Shape;
import djinn.ops.MaskClasses;
import djinn.zoo.Architecture;
import djinn.zoo.weights.KeyMap;
import djinn.zoo.weights.StateLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongPredicate;

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
 * @param tellsMasks whether the network is {@link Masked}
 */
public record DetectorEntry(
        String name,
        int size,
        int classes,
        String paper,
        Function<DetectorOptions, Detector> builder,
        List<KeyMap> keyMaps,
        boolean takesBackbone,
        boolean tellsMasks)
        implements Architecture {

    /** Copies the key maps. */
    public DetectorEntry {
        keyMaps = List.copyOf(keyMaps);
    }

    /** Of a network that tells boxes alone. */
    public DetectorEntry(
            String name,
            int size,
            int classes,
            String paper,
            Function<DetectorOptions, Detector> builder,
            List<KeyMap> keyMaps,
            boolean takesBackbone) {
        this(name, size, classes, paper, builder, keyMaps, takesBackbone, false);
    }

    /** Builds the network for some classes on its own backbone. */
    public Detector build(int of) {
        return build(new DetectorOptions(of, Optional.empty()));
    }

    /**
     * Builds the network as it is asked for.
     *
     * @throws IllegalArgumentException if there is no such backbone, or it, the anchors or the masks cannot be chosen
     */
    public Detector build(DetectorOptions options) {
        if (options.backbone().isPresent() && !takesBackbone) {
            throw new IllegalArgumentException("expected no backbone for " + name + ", which has its own, got "
                    + options.backbone().get());
        }
        if (options.masks() != MaskClasses.PER_CLASS && !tellsMasks) {
            throw new IllegalArgumentException("expected no choice of masks for " + name + ", which tells none");
        }
        Detector built = builder.apply(options);
        if (built instanceof Masked != tellsMasks) {
            throw new IllegalStateException(
                    "expected " + name + " to be listed as what it is, tellsMasks " + tellsMasks);
        }
        boolean hasAnchors = built instanceof Yolo yolo && yolo.shapes().sizes().equals(options.anchors());
        if (!options.anchors().isEmpty() && !hasAnchors) {
            throw new IllegalArgumentException(
                    "expected no anchors for " + name + ", which has its own, got " + options.anchors());
        }
        return built;
    }

    @Override
    public Detector build() {
        return build(classes);
    }

    @Override
    public List<DetectorEntry> others() {
        return Detectors.all().stream()
                .filter(entry -> !entry.name.equals(name))
                .toList();
    }

    /** Those that grow with the number of classes. */
    @Override
    public LongPredicate freeExtents() {
        Map<String, Shape> more = StateLayout.of(build(classes + 1)).shapes();
        Set<Long> free = new HashSet<>();
        StateLayout.of(build()).shapes().forEach((array, shape) -> {
            for (int axis = 0; axis < shape.dimension(); axis++) {
                if (shape.get(axis) != more.get(array).get(axis)) {
                    free.add(shape.get(axis));
                }
            }
        });
        return free::contains;
    }
}
