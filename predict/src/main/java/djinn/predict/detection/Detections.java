package djinn.predict.detection;

import djinn.data.BoxDrawing;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.ops.AtomicFile;
import djinn.ops.RunLengthMask;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The answer of a detector.
 *
 * @param objects by falling score; none if nothing was seen
 * @param height rows of the image
 * @param width columns of the image
 */
public record Detections(List<DetectedObject> objects, int height, int width) implements Answer {

    /** Copies the objects. */
    public Detections {
        objects = List.copyOf(objects);
    }

    /**
     * Returns {@code objects}: of each {@code label}, {@code score} and {@code box}, its x, y, width and height, and {@code
     * mask} where it is told, COCO's {@code size} and {@code counts}.
     */
    @Override
    public Map<String, Object> fields() {
        return Map.of("objects", objects.stream().map(Detections::fieldsOf).toList());
    }

    private static Map<String, Object> fieldsOf(DetectedObject object) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label", object.label());
        fields.put("score", object.score());
        fields.put(
                "box",
                List.of(
                        object.box().x(),
                        object.box().y(),
                        object.box().width(),
                        object.box().height()));
        object.mask().ifPresent(mask -> fields.put("mask", segmentation(mask)));
        return fields;
    }

    /** A mask as COCO writes it: its size, height first, and its string. */
    static Map<String, Object> segmentation(RunLengthMask mask) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("size", List.of(mask.height(), mask.width()));
        fields.put("counts", mask.string());
        return fields;
    }

    /** Returns boxes with labels and scores, and masks where they are told, to be drawn. */
    public static List<BoxDrawing.Labelled> drawn(List<DetectedObject> objects) {
        return objects.stream()
                .map(object -> new BoxDrawing.Labelled(
                        object.box(),
                        object.index(),
                        String.format(Locale.ROOT, "%s %.2f", object.label(), object.score()),
                        object.mask()))
                .toList();
    }

    /** Returns how many objects of each class there are, the best seen first, with their highest scores. */
    @Override
    public String line() {
        if (objects.isEmpty()) {
            return "nothing";
        }
        Map<String, List<DetectedObject>> byLabel = objects.stream()
                .collect(Collectors.groupingBy(DetectedObject::label, LinkedHashMap::new, Collectors.toList()));
        return byLabel.entrySet().stream()
                .map(entry -> String.format(
                        Locale.ROOT,
                        "%d %s (%.2f%%)",
                        entry.getValue().size(),
                        entry.getKey(),
                        100 * entry.getValue().get(0).score()))
                .collect(Collectors.joining("  "));
    }

    /** Draws {@code boxes}: the image with a box, a label and a score for each object, and its mask. */
    @Override
    public Map<String, BufferedImage> pictures(Pixels image) {
        return Map.of("boxes", drawnOn(image));
    }

    private BufferedImage drawnOn(Pixels image) {
        return BoxDrawing.of(image, drawn(objects));
    }

    /**
     * Writes the image with the boxes on it as a PNG.
     *
     * @param image what was looked at
     * @param file is replaced if it exists
     * @throws djinn.ops.DataException if it cannot be written
     */
    public void write(Pixels image, Path file) {
        AtomicFile.writePng(file, drawnOn(image));
    }
}
