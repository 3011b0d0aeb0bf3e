package djinn.tasks.detection;

import djinn.data.SceneOrigin;
import djinn.metrics.Detection;
import djinn.metrics.GroundTruth;
import java.util.List;

/**
 * An image as figures look at it: its objects and what a detector sees, both in pixels of the image as it was read.
 *
 * @param origin the image
 * @param truths its objects
 * @param detections by falling score
 */
record SeenImage(SceneOrigin origin, List<GroundTruth> truths, List<Detection> detections) {

    /** Copies the lists. */
    SeenImage {
        truths = List.copyOf(truths);
        detections = List.copyOf(detections);
    }
}
