package djinn.predict.detection;

import djinn.data.Pixels;
import djinn.data.proposals.ProposalRule;
import djinn.inference.Codec;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.ImagePredictor;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.inference.ModelTraits;
import djinn.inference.Predictor;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Masked;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trained detector: images in, objects out, with their pixels where it tells them.
 *
 * <pre>{@code
 * try (ObjectDetector detector = ObjectDetector.open(Path.of("runs/cells"))) {
 *     for (DetectedObject object : detector.detect(Path.of("blood.jpg")).objects()) {
 *         System.out.println(object.label() + " " + object.score() + " " + object.box());
 *     }
 * }
 * }</pre>
 *
 * <p>What is told can be chosen: {@code open(run, ObjectChoice.USUAL.withLeastScore(0.5).withClasses(List.of("cat")))}.
 */
public final class ObjectDetector implements AutoCloseable {

    private static final String NAME = "detector";

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
        return open(model, ObjectChoice.USUAL);
    }

    /**
     * Opens what a run of the task {@code detection} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if a class is none of the detector's, or more is chosen than a file tells that
     *     selects boxes itself
     */
    public static ObjectDetector open(Path model, ObjectChoice choice) {
        return open(model, Predictor.Settings.USUAL, choice);
    }

    /**
     * Opens what a run of the task {@code detection} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if it is not for the engine, a class is none of the detector's, or more is chosen
     *     than a file tells that selects boxes itself
     */
    public static ObjectDetector open(Path model, Predictor.Settings settings, ObjectChoice choice) {
        return open(ModelFile.of(model, settings.engine()), settings, choice);
    }

    /**
     * Opens the file of a detector.
     *
     * @param file says of itself what it is
     * @param settings how
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws DataException if the file is damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException as the method of a path says
     */
    public static ObjectDetector open(ModelFile file, Predictor.Settings settings, ObjectChoice choice) {
        return open(file, DetectionCard.fromMetadata(file.metadata(), file.file()), settings, choice);
    }

    /**
     * Opens a file under another card than its own, such as one of other preprocessing.
     *
     * @param file the file
     * @param card what it is
     * @param settings how
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws DataException if the file is damaged, or does not fit the card
     * @throws IllegalArgumentException as the method of a path says
     */
    public static ObjectDetector open(
            ModelFile file, DetectionCard card, Predictor.Settings settings, ObjectChoice choice) {
        if (file.holdsWeights()) {
            return of(LoadedModel.open(file.file(), card, settings.preference()), settings, choice);
        }
        BoxSelection selection = choice.selection(
                card.selection(card.newModel()),
                DetectionCard.selectionInside(file.metadata(), file.file()),
                file.file().toString());
        DetectionReading reading = new DetectionReading(card, selection, choice.labels(card.classes()));
        // a file looks at the regions of one image
        Predictor.Settings own = card.proposals().isPresent() ? settings.withBatch(1) : settings;
        return new ObjectDetector(
                card, Predictor.open(file, card, traits -> codec(reading, choice, traits), own, NAME));
    }

    /**
     * Opens weights of the task's architectures as their authors publish them.
     *
     * @param model the architecture's name, such as {@code fastestdet}
     * @param weights a safetensors file or a PyTorch state dict, of COCO's classes
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws DataException if the file is missing or damaged, or does not fit the architecture
     * @throws IllegalArgumentException if there is no such architecture, or a class is none of COCO's
     */
    public static ObjectDetector published(String model, Path weights, ObjectChoice choice) {
        return of(
                PublishedDetectors.open(weights, PublishedDetectors.Asked.usual(model)),
                Predictor.Settings.USUAL,
                choice);
    }

    /**
     * Takes a model over that is loaded, on the PyTorch engine.
     *
     * @param model is closed with the detector
     * @param settings how; the engine and the preference do not matter
     * @param choice which objects are told
     * @return the detector, to be closed
     * @throws IllegalArgumentException if a class is none of the detector's
     */
    public static ObjectDetector of(
            LoadedModel<DetectionCard> model, Predictor.Settings settings, ObjectChoice choice) {
        DetectionCard card = model.card();
        try {
            BoxSelection own = card.selection((Detector) model.block());
            BoxSelection selection = choice.selection(own, Optional.empty(), model.source());
            DetectionReading reading = new DetectionReading(card, selection, choice.labels(card.classes()));
            if (model.block() instanceof Masked masked) {
                requireStraight(choice, model.source());
                masked.tell(selection, reading.labels());
            }
            return new ObjectDetector(
                    card, Predictor.of(model, traits -> codec(reading, choice, traits), settings, NAME));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static void requireStraight(ObjectChoice choice, String source) {
        if (choice.mirrored()) {
            throw new IllegalArgumentException(
                    source + ": expected no look at the mirror image (--flip) with a detector"
                            + " that tells masks: masks of two looks are not put together");
        }
    }

    private static Codec<ImageInput, Detections> codec(
            DetectionReading reading, ObjectChoice choice, ModelTraits traits) {
        ImageCodec<Detections> plain = reading.codec(traits.takesPixels(), traits.source());
        Optional<ProposalRule> proposals = reading.card().proposals();
        if (proposals.isPresent()) {
            if (choice.mirrored()) {
                throw new IllegalArgumentException(traits.source() + ": expected no look at the mirror image too of a"
                        + " detector that looks at given regions, which are proposed for the image alone");
            }
            return new ProposingCodec(proposals.get(), plain);
        }
        return choice.mirrored() ? new MirroredCodec(reading, plain, traits.source()) : plain;
    }

    /** Returns which model this is, its classes and what it does to an image. */
    public DetectionCard card() {
        return card;
    }

    /** Returns the same detector as any task's model of images. */
    public ImagePredictor<Detections> asPredictor() {
        return new ImagePredictor<>(
                predictor, card.preprocessing(), card.proposals().isPresent());
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
