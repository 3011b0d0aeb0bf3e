package djinn.losses.detection;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The objects of images, as records hold them. */
final class RecordedTargets {

    private RecordedTargets() {}

    /** The objects of an image; boxes (N, 4), one for each label. */
    static BoxTargets of(NDManager manager, float[] boxes, long... labels) {
        return labels.length == 0
                ? new BoxTargets(manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0), DataType.INT64))
                : new BoxTargets(manager.create(boxes, new Shape(labels.length, 4)), manager.create(labels));
    }

    /** Of a list of [image, label, x1, y1, x2, y2]. */
    static List<BoxTargets> ofObjects(NDManager manager, JsonNode objects, int images) {
        List<BoxTargets> targets = new ArrayList<>();
        for (int image = 0; image < images; image++) {
            int place = image;
            List<double[]> own = objects.valueStream()
                    .map(Golden::doubles)
                    .filter(object -> object[0] == place)
                    .toList();
            float[] boxes = new float[4 * own.size()];
            long[] labels = new long[own.size()];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (long) own.get(i)[1];
                for (int j = 0; j < 4; j++) {
                    boxes[4 * i + j] = (float) own.get(i)[2 + j];
                }
            }
            targets.add(of(manager, boxes, labels));
        }
        return targets;
    }

    /** Of a record with the arrays {@code boxes} and {@code labels} of each image. */
    static List<BoxTargets> ofImages(NDManager manager, JsonNode record) {
        List<BoxTargets> targets = new ArrayList<>();
        for (int i = 0; i < record.get("boxes").size(); i++) {
            targets.add(new BoxTargets(
                    Golden.array(manager, record.get("boxes").get(i)),
                    manager.create(record.get("labels")
                            .get(i)
                            .valueStream()
                            .mapToLong(JsonNode::asLong)
                            .toArray())));
        }
        return targets;
    }
}
