package djinn.predict.detection;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The forms in which other tools take what a detector found. */
public enum DetectionFormat {

    /**
     * COCO's results (cocodataset.org): a JSON file with a list of {@code image_id}, {@code category_id}, {@code bbox} (x,
     * y, width, height in pixels) and {@code score}, as its evaluation reads them.
     */
    COCO,

    /**
     * YOLO's text files: a folder with {@code data.yaml} and a file in {@code labels} for each image. A line is a class and
     * a box (its centre, width and height) in shares of the image's width and height; scores are not told.
     */
    YOLO,

    /** Pascal VOC's XML: a folder with a file in {@code Annotations} for each image; scores are not told. */
    VOC;

    /**
     * Starts to write.
     *
     * @param to the file, of {@link #COCO}, or the folder, which is made if need be
     * @param classes the names of the detector's classes, by index
     * @param list of {@link #COCO}, a list of COCO's instances: images and classes have its numbers, found by the names
     * @return takes the answers
     * @throws djinn.ops.DataException if the folder cannot be made, or the list is damaged or lacks a class
     * @throws IllegalArgumentException if there is a list for another form
     */
    public DetectionFile start(Path to, List<String> classes, Optional<Path> list) {
        if (list.isPresent() && this != COCO) {
            throw new IllegalArgumentException("expected a list of images with numbers for the form coco alone");
        }
        return switch (this) {
            case COCO -> new CocoResults(to, classes, list);
            case YOLO -> new YoloLabels(to, classes);
            case VOC -> new VocAnnotations(to);
        };
    }
}
