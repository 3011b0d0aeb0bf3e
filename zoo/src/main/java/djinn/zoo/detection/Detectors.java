package djinn.zoo.detection;

import djinn.ops.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The table of detectors. */
public final class Detectors {

    private static final Map<String, DetectorEntry> TABLE = table(Stream.of(
                    RetinaNet.entries(),
                    Fcos.entries(),
                    Ssd.entries(),
                    FasterRcnn.entries(),
                    MaskRcnn.entries(),
                    FastRcnn.entries(),
                    Rcnn.entries(),
                    CascadeRcnn.entries(),
                    SofterRcnn.entries(),
                    RelationRcnn.entries(),
                    YoloV1.entries(),
                    YoloV2.entries(),
                    YoloV3.entries(),
                    YoloV4.entries(),
                    YoloV5.entries(),
                    FastestDet.entries())
            .flatMap(List::stream));

    private Detectors() {}

    /** Returns all entries, in the table's order. */
    public static List<DetectorEntry> all() {
        return List.copyOf(TABLE.values());
    }

    /** Returns all names, in the table's order. */
    public static List<String> names() {
        return List.copyOf(TABLE.keySet());
    }

    /**
     * Finds a detector.
     *
     * @param name its name
     * @return its entry
     * @throws IllegalArgumentException if there is none of that name; the message has the nearest
     */
    public static DetectorEntry named(String name) {
        DetectorEntry entry = TABLE.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("unknown detector '" + name + "', "
                    + Nearest.suggestion(
                            name, TABLE.keySet(), "expected one of ", "'djinn models --filter detection' lists them"));
        }
        return entry;
    }

    private static Map<String, DetectorEntry> table(Stream<DetectorEntry> entries) {
        Map<String, DetectorEntry> table = new LinkedHashMap<>();
        entries.forEach(entry -> {
            if (table.put(entry.name(), entry) != null) {
                throw new IllegalStateException("the detector name '" + entry.name() + "' is used twice");
            }
        });
        return table;
    }
}
