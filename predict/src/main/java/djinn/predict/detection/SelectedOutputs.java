package djinn.predict.detection;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.inference.Tensor;
import djinn.ops.BoxMask;
import djinn.ops.DataException;
import djinn.ops.SelectedBox;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a file or a detector answers that selects boxes itself: boxes (N, M, 4) and scores (N, M), float32, labels (N, M) and
 * counts (N), int64, and of one that tells masks these, (N, M, S, S), float32.
 */
final class SelectedOutputs {

    private static final int BOXES = 4;
    private static final int WITH_MASKS = 5;

    private SelectedOutputs() {}

    /** Returns whether boxes were selected. */
    static boolean are(List<Tensor> outputs) {
        return outputs.size() == BOXES || outputs.size() == WITH_MASKS;
    }

    /**
     * Reads the boxes.
     *
     * @param outputs of N images
     * @param names of the images, for messages
     * @param classes K
     * @param source where the model came from, for messages
     * @return the boxes of each image
     * @throws DataException if the outputs are of other shapes, or tell other classes
     * @throws djinn.ops.NotFiniteException if a box or a score is NaN or infinite
     */
    static List<List<FoundBox>> read(List<Tensor> outputs, List<String> names, int classes, String source) {
        int images = names.size();
        Shape scores = outputs.get(1).shape();
        long most = scores.dimension() == 2 ? scores.get(1) : -1;
        Shape each = new Shape(images, most);
        boolean fits = scores.equals(each)
                && outputs.get(0).shape().equals(each.add(4))
                && outputs.get(2).shape().equals(each)
                && outputs.get(3).shape().equals(new Shape(images))
                && outputs.get(2).type() == DataType.INT64
                && outputs.get(3).type() == DataType.INT64
                && (outputs.size() == BOXES || areMasks(outputs.get(BOXES), each));
        if (!fits) {
            throw new DataException(source + ": answers "
                    + outputs.stream().map(Tensor::shape).toList()
                    + ", expected selected boxes (" + images + ", M, 4), scores, labels and counts; is this a"
                    + " detector exported with --nms?");
        }
        FloatBuffer boxes = outputs.get(0).floats();
        FloatBuffer values = outputs.get(1).floats();
        LongBuffer labels = outputs.get(2).bytes().asLongBuffer();
        LongBuffer counts = outputs.get(3).bytes().asLongBuffer();
        List<List<FoundBox>> answers = new ArrayList<>();
        for (int n = 0; n < images; n++) {
            String image = names.get(n);
            long count = counts.get(n);
            if (count < 0 || count > most) {
                throw new DataException(source + ": answers " + count + " objects in " + image + ", expected 0 to "
                        + most + ", as many as it has boxes for");
            }
            List<FoundBox> found = new ArrayList<>();
            for (int i = Math.toIntExact(n * most); i < n * most + count; i++) {
                long label = labels.get(i);
                if (label < 0 || label >= classes) {
                    throw new DataException(source + ": answers an object of class " + label + " in " + image
                            + ", expected 0 to " + (classes - 1) + "; is this a detector of these classes?");
                }
                float[] corners = new float[4];
                boxes.get(4 * i, corners);
                DetectionReading.requireFinite(corners, image);
                DetectionReading.requireFinite(new float[] {values.get(i)}, image);
                found.add(new FoundBox(
                        new SelectedBox((int) label, values.get(i), corners[0], corners[1], corners[2], corners[3]),
                        mask(outputs, i)));
            }
            answers.add(found);
        }
        return answers;
    }

    private static boolean areMasks(Tensor masks, Shape each) {
        Shape shape = masks.shape();
        return shape.dimension() == 4
                && shape.slice(0, 2).equals(each)
                && shape.get(2) == shape.get(3)
                && masks.type() == DataType.FLOAT32;
    }

    private static Optional<BoxMask> mask(List<Tensor> outputs, int at) {
        if (outputs.size() == BOXES) {
            return Optional.empty();
        }
        Tensor masks = outputs.get(BOXES);
        int side = Math.toIntExact(masks.shape().get(2));
        float[] values = new float[side * side];
        masks.floats().get(at * side * side, values);
        return Optional.of(new BoxMask(side, values));
    }
}
