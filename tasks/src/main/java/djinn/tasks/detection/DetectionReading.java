package djinn.tasks.detection;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Geometry;
import djinn.inference.ImageCodec;
import djinn.inference.Tensor;
import djinn.ops.Box;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import djinn.ops.SelectedBox;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * From what a detector answers to objects in the images' own pixels.
 *
 * @param card what the model is
 * @param selection which boxes are told
 */
record DetectionReading(DetectionCard card, BoxSelection selection) {

    /**
     * Reads the answers to a batch.
     *
     * @param outputs boxes (N, A, 4) and scores (N, A, K), float32
     * @param asked the images, (N)
     * @param source where the model came from, for messages
     * @throws DataException if the outputs are of other shapes
     * @throws NotFiniteException if a value is NaN or infinite
     */
    List<Detections> answers(List<Tensor> outputs, List<ImageCodec.Asked> asked, String source) {
        int images = asked.size();
        int classes = card.classes().size();
        Shape boxes = outputs.get(0).shape();
        Shape scores = outputs.size() < 2 ? new Shape() : outputs.get(1).shape();
        long places = boxes.dimension() == 3 ? boxes.get(1) : -1;
        boolean fits = boxes.equals(new Shape(images, places, 4))
                && scores.equals(new Shape(images, places, classes))
                && outputs.get(0).type() == DataType.FLOAT32
                && outputs.get(1).type() == DataType.FLOAT32;
        if (!fits) {
            throw new DataException(source + ": answers " + boxes + " and " + scores + ", expected float32 boxes ("
                    + images + ", A, 4) and scores (" + images + ", A, " + classes
                    + "); is this a detector of these classes?");
        }
        FloatBuffer allBoxes = outputs.get(0).floats();
        FloatBuffer allScores = outputs.get(1).floats();
        List<Detections> answers = new ArrayList<>();
        for (ImageCodec.Asked image : asked) {
            float[] ownBoxes = new float[Math.toIntExact(places * 4)];
            float[] ownScores = new float[Math.toIntExact(places * classes)];
            allBoxes.get(ownBoxes);
            allScores.get(ownScores);
            requireFinite(ownBoxes, image.name());
            requireFinite(ownScores, image.name());
            Geometry geometry = card.preprocessing().geometry(image.height(), image.width());
            answers.add(new Detections(selection.select(ownBoxes, ownScores, classes).stream()
                    .map(box -> object(box, geometry))
                    .toList()));
        }
        return answers;
    }

    private DetectedObject object(SelectedBox selected, Geometry geometry) {
        String label = card.classes().get(selected.label());
        return new DetectedObject(label, selected.label(), selected.score(), inImage(selected, geometry));
    }

    /**
     * Brings a box back to the image it was found in, and cuts off what lies outside.
     *
     * @param box in pixels of the model's image
     * @param geometry from the image's own size to the model's
     */
    static Box inImage(SelectedBox box, Geometry geometry) {
        Box whole = geometry.source(Box.ofCorners(box.x1(), box.y1(), box.x2(), box.y2()));
        return Box.ofCorners(
                within(whole.x(), geometry.fromWidth()),
                within(whole.y(), geometry.fromHeight()),
                within(whole.x() + whole.width(), geometry.fromWidth()),
                within(whole.y() + whole.height(), geometry.fromHeight()));
    }

    private static double within(double place, int end) {
        return Math.max(0, Math.min(end, place));
    }

    private static void requireFinite(float[] values, String name) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new NotFiniteException(
                        name + ": the model's answer is NaN or infinite: no box can be told; look at"
                                + " the weights and the image");
            }
        }
    }
}
