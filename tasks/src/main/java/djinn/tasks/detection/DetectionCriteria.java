package djinn.tasks.detection;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.BoundingBox;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.repository.zoo.Criteria;
import djinn.inference.DjlServing;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.ops.Box;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A trained detector as DJL loads it. The answers are those of an {@link ObjectDetector}. */
public final class DetectionCriteria {

    private DetectionCriteria() {}

    /**
     * Returns what DJL must be told to load what a run made.
     *
     * @param run its folder, or a safetensors file of it
     * @param choice which objects are told
     * @return criteria, ready for {@link Criteria#loadModel()}; boxes are in shares of the image's width and height, as DJL
     *     has them
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if a class is none of the detector's, or the mirror image is to be looked at
     */
    public static Criteria<Image, DetectedObjects> of(Path run, ObjectChoice choice) {
        if (choice.mirrored()) {
            throw new IllegalArgumentException(
                    "expected a choice without the mirror image for DJL's criteria; ObjectDetector looks at it");
        }
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        Path weights = file.file();
        DetectionCard card = DetectionCard.fromMetadata(file.metadata(), weights);
        BoxSelection selection =
                choice.selection(card.selection(card.newModel()), Optional.empty(), weights.toString());
        DetectionReading reading = new DetectionReading(card, selection, choice.labels(card.classes()));
        return DjlServing.criteria(
                weights,
                DetectionAnswering.class,
                reading.codec(false, "the model"),
                DetectedObjects.class,
                DetectionCriteria::objects);
    }

    private static DetectedObjects objects(Detections found) {
        List<String> names = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        List<BoundingBox> boxes = new ArrayList<>();
        for (DetectedObject object : found.objects()) {
            Box box = object.box();
            names.add(object.label());
            scores.add(object.score());
            boxes.add(new Rectangle(
                    box.x() / found.width(),
                    box.y() / found.height(),
                    box.width() / found.width(),
                    box.height() / found.height()));
        }
        return new DetectedObjects(names, scores, boxes);
    }
}
