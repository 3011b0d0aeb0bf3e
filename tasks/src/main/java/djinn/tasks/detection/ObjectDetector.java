package djinn.tasks.detection;

import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A trained detector: images in, objects out.
 *
 * <pre>{@code
 * try (ObjectDetector detector = ObjectDetector.open(Path.of("runs/cells"))) {
 *     for (DetectedObject object : detector.detect(Path.of("blood.jpg")).objects()) {
 *         System.out.println(object.label() + " " + object.score() + " " + object.box());
 *     }
 * }
 * }</pre>
 */
public final class ObjectDetector implements AutoCloseable {

    /** What people are told of; average precision is measured with the model's own, lower threshold. */
    static final double USUAL_SCORE = 0.25;

    private final DetectionCard card;
    private final Predictor<ImageInput, Detections> predictor;

    private ObjectDetector(DetectionCard card, Predictor<ImageInput, Detections> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /**
     * Opens what a run of the task {@code detection} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @return the detector, which tells objects of scores above 0.25; to be closed
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     */
    public static ObjectDetector open(Path model) {
        return open(model, Predictor.Settings.USUAL);
    }

    /**
     * Opens what a run of the task {@code detection} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @return the detector, which tells objects of scores above 0.25; to be closed
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static ObjectDetector open(Path model, Predictor.Settings settings) {
        return open(model, settings, USUAL_SCORE);
    }

    /**
     * Opens what a run of the task {@code detection} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @param leastScore objects of lower scores are not told, 0 to 1
     * @return the detector, to be closed
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if it is not for the engine, or the score is out of its range
     */
    public static ObjectDetector open(Path model, Predictor.Settings settings, double leastScore) {
        return open(ModelFile.of(model, settings.engine()), settings, leastScore);
    }

    static ObjectDetector open(ModelFile file, Predictor.Settings settings, double leastScore) {
        DetectionCard card = DetectionCard.fromMetadata(file.metadata(), file.file());
        Preprocessing shape = card.preprocessing();
        BoxSelection selection = card.newModel().selection(shape.height(), shape.width());
        DetectionReading reading = new DetectionReading(card, selection.withScoreThreshold(leastScore));
        return new ObjectDetector(
                card,
                Predictor.open(
                        file,
                        card,
                        traits -> new ImageCodec<>(
                                card.preprocessing(),
                                traits.takesPixels(),
                                (outputs, asked) -> reading.answers(outputs, asked, traits.source())),
                        settings,
                        "detector"));
    }

    /** Returns which model this is, its classes and what it does to an image. */
    public DetectionCard card() {
        return card;
    }

    /** Returns the same detector as any task's model of images. */
    public ImagePredictor<Detections> asPredictor() {
        return new ImagePredictor<>(predictor, card.preprocessing());
    }

    /**
     * Detects the objects in an image file.
     *
     * @param image a PNG, JPEG, BMP, GIF, WebP, TIFF or PNM file
     * @return the objects, in pixels of the upright image
     * @throws DataException if the image cannot be read
     */
    public Detections detect(Path image) {
        return predictor.predict(ImageInput.of(image, "the image"));
    }

    /**
     * Detects the objects in an image.
     *
     * @param image of any size and channels
     * @return the objects, in its pixels
     */
    public Detections detect(Pixels image) {
        return predictor.predict(ImageInput.of(image, "the image"));
    }

    /**
     * Detects the objects in images, a batch at a time.
     *
     * @param images each a {@link Path}, {@code byte[]}, {@link java.io.InputStream}, {@link
     *     java.awt.image.BufferedImage}, DJL image or {@link Pixels}
     * @return an answer for each, in order
     * @throws DataException if an image cannot be read
     */
    public List<Detections> detectAll(List<?> images) {
        List<ImageInput> inputs = new ArrayList<>();
        for (Object image : images) {
            inputs.add(ImageInput.of(image, "image " + (inputs.size() + 1)));
        }
        return predictor.predictAll(inputs);
    }

    @Override
    public void close() {
        predictor.close();
    }
}
