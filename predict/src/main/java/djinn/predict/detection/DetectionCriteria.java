package djinn.predict.detection;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.BoundingBox;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Mask;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.repository.zoo.Criteria;
import djinn.inference.DjlServing;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.ops.Box;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.RunLengthMask;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Masked;
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
     *     has them, and masks, DJL's {@link Mask}, tell the pixels that the box touches
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if a class is none of the detector's, the mirror image is to be looked at, or of one
     *     that tells masks another selection of boxes is asked for than its own
     */
    public static Criteria<Image, DetectedObjects> of(Path run, ObjectChoice choice) {
        if (choice.mirrored()) {
            throw new IllegalArgumentException(
                    "expected a choice without the mirror image for DJL's criteria; ObjectDetector looks at it");
        }
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        Path weights = file.file();
        DetectionCard card = DetectionCard.fromMetadata(file.metadata(), weights);
        Detector model = card.newModel();
        BoxSelection own = card.selection(model);
        // one that tells masks selects its boxes itself, as its card says
        BoxSelection selection = model instanceof Masked
                ? choice.withUsualScore().selection(own, Optional.of(own), weights.toString())
                : choice.selection(own, Optional.empty(), weights.toString());
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
            names.add(object.label());
            scores.add(object.score());
            boxes.add(place(object, found));
        }
        return new DetectedObjects(names, scores, boxes);
    }

    private static BoundingBox place(DetectedObject object, Detections of) {
        Box box = object.box();
        double x = box.x() / of.width();
        double y = box.y() / of.height();
        double width = box.width() / of.width();
        double height = box.height() / of.height();
        return object.mask()
                .<BoundingBox>map(mask -> new Mask(x, y, width, height, within(box, mask)))
                .orElseGet(() -> new Rectangle(x, y, width, height));
    }

    /** The pixels that a box touches, row by row: 1 of the object, 0 of others; at least one. */
    private static float[][] within(Box box, RunLengthMask mask) {
        boolean[] pixels = mask.pixels();
        int left = Math.min((int) box.x(), mask.width() - 1);
        int top = Math.min((int) box.y(), mask.height() - 1);
        int right = Math.min(mask.width(), Math.max(left + 1, (int) Math.ceil(box.x() + box.width())));
        int bottom = Math.min(mask.height(), Math.max(top + 1, (int) Math.ceil(box.y() + box.height())));
        float[][] shares = new float[bottom - top][right - left];
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                shares[y - top][x - left] = pixels[y * mask.width() + x] ? 1 : 0;
            }
        }
        return shares;
    }
}
