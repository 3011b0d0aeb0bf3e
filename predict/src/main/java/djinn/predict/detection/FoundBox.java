package djinn.predict.detection;

import ai.djl.ndarray.NDList;
import djinn.data.Geometry;
import djinn.inference.Tensor;
import djinn.ops.Box;
import djinn.ops.BoxMask;
import djinn.ops.BoxSelection;
import djinn.ops.RunLengthMask;
import djinn.ops.SelectedBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A box that was selected, and what is within it.
 *
 * @param box in pixels of the model's image
 * @param pixels of a detector that tells masks
 */
public record FoundBox(SelectedBox box, Optional<BoxMask> pixels) {

    /** From this share on a pixel is the object's, above it. */
    private static final float SHARE = .5f;

    /** A box alone. */
    public FoundBox(SelectedBox box) {
        this(box, Optional.empty());
    }

    /**
     * Reads what a detector answers as a block.
     *
     * @param answers boxes (N, A, 4), or (N, A, K, 4), scores (N, A, K) and variances of the boxes' shape, if there are
     *     any; or, of a detector that selects boxes itself, boxes (N, M, 4), scores (N, M), labels (N, M), counts (N) and
     *     masks (N, M, S, S), if it tells any
     * @param selection which boxes are told, where the detector does not select them itself
     * @param classes K
     * @return those of each image
     */
    public static List<List<FoundBox>> of(NDList answers, BoxSelection selection, int classes) {
        int images = Math.toIntExact(answers.get(0).getShape().get(0));
        List<Tensor> outputs = answers.stream().map(Tensor::of).toList();
        if (SelectedOutputs.are(outputs)) {
            List<String> names =
                    IntStream.range(0, images).mapToObj(n -> "image " + n).toList();
            return SelectedOutputs.read(outputs, names, classes, "the model");
        }
        float[] boxes = answers.get(0).toFloatArray();
        float[] scores = answers.get(1).toFloatArray();
        Optional<float[]> variances =
                answers.size() > 2 ? Optional.of(answers.get(2).toFloatArray()) : Optional.empty();
        List<List<FoundBox>> found = new ArrayList<>();
        for (int n = 0; n < images; n++) {
            int image = n;
            Optional<float[]> own = variances.map(all -> part(all, image, images));
            found.add(selection.select(part(boxes, n, images), part(scores, n, images), own, classes).stream()
                    .map(FoundBox::new)
                    .toList());
        }
        return found;
    }

    private static float[] part(float[] values, int n, int of) {
        int each = values.length / of;
        return Arrays.copyOfRange(values, n * each, (n + 1) * each);
    }

    /**
     * Brings it back to the image it was found in.
     *
     * @param classes their names
     * @param geometry from the image's own size to the model's
     */
    public DetectedObject object(List<String> classes, Geometry geometry) {
        return new DetectedObject(
                classes.get(box.label()), box.label(), box.score(), inImage(geometry), mask(geometry));
    }

    /**
     * Returns the box in pixels of the image it was found in, within it.
     *
     * @param geometry from the image's own size to the model's
     */
    public Box inImage(Geometry geometry) {
        return DetectionReading.inImage(box, geometry);
    }

    /**
     * Returns the pixels of the image it was found in, of a detector that tells masks.
     *
     * @param geometry from the image's own size to the model's
     */
    public Optional<RunLengthMask> mask(Geometry geometry) {
        // the whole box is laid over the image, as what lies outside belongs to the mask's grid
        Box whole = geometry.source(Box.ofCorners(box.x1(), box.y1(), box.x2(), box.y2()));
        return pixels.map(own -> own.within(whole, geometry.fromHeight(), geometry.fromWidth(), SHARE));
    }
}
