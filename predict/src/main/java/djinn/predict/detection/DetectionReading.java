package djinn.predict.detection;

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
import java.util.Optional;
import java.util.Set;

/**
 * From what a detector answers to objects in the images' own pixels.
 *
 * @param card what the model is
 * @param selection which boxes are told
 * @param labels those of the classes that are told; none for all
 */
record DetectionReading(DetectionCard card, BoxSelection selection, Set<Integer> labels) {

    /** How many outputs a model has that tells variances behind boxes and scores. */
    private static final int WITH_VARIANCES = 3;

    /** Copies the labels. */
    DetectionReading {
        labels = Set.copyOf(labels);
    }

    /**
     * Returns the way from images to what the detector takes, and from what it makes of them to objects.
     *
     * @param takesPixels whether it takes images of bytes
     * @param source where the model came from, for messages
     */
    ImageCodec<Detections> codec(boolean takesPixels, String source) {
        return new ImageCodec<>(card.preprocessing(), takesPixels, (outputs, asked) -> answers(outputs, asked, source));
    }

    /**
     * Reads the answers to a batch.
     *
     * @param outputs boxes (N, A, 4), or (N, A, K, 4) where each class has its own, and scores (N, A, K), float32, and
     *     variances of the boxes' shape where the model tells them; or, of what selects boxes itself, those that {@link
     *     SelectedOutputs} reads
     * @param asked the images, (N)
     * @param source where the model came from, for messages
     * @throws DataException if the outputs are of other shapes
     * @throws NotFiniteException if a value is NaN or infinite
     */
    List<Detections> answers(List<Tensor> outputs, List<ImageCodec.Asked> asked, String source) {
        List<List<FoundBox>> found = found(outputs, asked, source);
        List<Detections> answers = new ArrayList<>();
        for (int n = 0; n < asked.size(); n++) {
            answers.add(answer(found.get(n), asked.get(n)));
        }
        return answers;
    }

    /**
     * Brings boxes back to the images they were found in.
     *
     * @param boxes of each image, in pixels of the model's
     * @param asked the images
     */
    List<Detections> answers(List<List<SelectedBox>> boxes, List<ImageCodec.Asked> asked) {
        List<Detections> answers = new ArrayList<>();
        for (int n = 0; n < asked.size(); n++) {
            answers.add(answer(boxes.get(n).stream().map(FoundBox::new).toList(), asked.get(n)));
        }
        return answers;
    }

    /** Reads which boxes are told of each image, in pixels of the model's; the arguments are those of {@link #answers}. */
    List<List<SelectedBox>> boxes(List<Tensor> outputs, List<ImageCodec.Asked> asked, String source) {
        return found(outputs, asked, source).stream()
                .map(all -> all.stream().map(FoundBox::box).toList())
                .toList();
    }

    private List<List<FoundBox>> found(List<Tensor> outputs, List<ImageCodec.Asked> asked, String source) {
        if (SelectedOutputs.are(outputs)) {
            List<String> names = asked.stream().map(ImageCodec.Asked::name).toList();
            return SelectedOutputs.read(outputs, names, card.classes().size(), source).stream()
                    .map(all -> all.stream()
                            .filter(found -> isTold(found.box()))
                            .limit(selection.most())
                            .toList())
                    .toList();
        }
        int images = asked.size();
        int classes = card.classes().size();
        Shape boxes = outputs.get(0).shape();
        Shape scores = outputs.size() < 2 ? new Shape() : outputs.get(1).shape();
        long places = boxes.dimension() >= 3 ? boxes.get(1) : -1;
        boolean fits =
                (boxes.equals(new Shape(images, places, 4)) || boxes.equals(new Shape(images, places, classes, 4)))
                        && scores.equals(new Shape(images, places, classes))
                        && outputs.get(0).type() == DataType.FLOAT32
                        && outputs.get(1).type() == DataType.FLOAT32;
        if (!fits) {
            throw new DataException(source + ": answers " + boxes + " and " + scores + ", expected float32 boxes ("
                    + images + ", A, 4) and scores (" + images + ", A, " + classes
                    + "); is this a detector of these classes?");
        }
        Optional<FloatBuffer> allVariances =
                outputs.size() == WITH_VARIANCES && outputs.get(2).shape().equals(boxes)
                        ? Optional.of(outputs.get(2).floats())
                        : Optional.empty();
        FloatBuffer allBoxes = outputs.get(0).floats();
        FloatBuffer allScores = outputs.get(1).floats();
        List<List<FoundBox>> answers = new ArrayList<>();
        for (ImageCodec.Asked image : asked) {
            float[] ownBoxes = new float[Math.toIntExact(boxes.size() / images)];
            float[] ownScores = new float[Math.toIntExact(places * classes)];
            allBoxes.get(ownBoxes);
            allScores.get(ownScores);
            requireFinite(ownBoxes, image.name());
            requireFinite(ownScores, image.name());
            leaveOutOthers(ownScores, classes);
            Optional<float[]> ownVariances = allVariances.map(all -> {
                float[] own = new float[ownBoxes.length];
                all.get(own);
                requireFinite(own, image.name());
                return own;
            });
            answers.add(selection.select(ownBoxes, ownScores, ownVariances, classes).stream()
                    .map(FoundBox::new)
                    .toList());
        }
        return answers;
    }

    private boolean isTold(SelectedBox box) {
        return box.score() > selection.scoreThreshold() && (labels.isEmpty() || labels.contains(box.label()));
    }

    /** Scores of classes that are not told become 0, which is above no threshold. */
    private void leaveOutOthers(float[] scores, int classes) {
        if (!labels.isEmpty()) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] = labels.contains(i % classes) ? scores[i] : 0;
            }
        }
    }

    private Detections answer(List<FoundBox> boxes, ImageCodec.Asked image) {
        Geometry geometry = card.preprocessing().geometry(image.height(), image.width());
        return new Detections(boxes.stream().map(box -> object(box, geometry)).toList(), image.height(), image.width());
    }

    private DetectedObject object(FoundBox found, Geometry geometry) {
        return found.object(card.classes(), geometry);
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

    /** Refuses what is no number. */
    static void requireFinite(float[] values, String name) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new NotFiniteException(
                        name + ": the model's answer is NaN or infinite: no box can be told; look at"
                                + " the weights and the image");
            }
        }
    }
}
