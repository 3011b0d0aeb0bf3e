package djinn.inference;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.TestTimeAugmentation;
import djinn.export.torchscript.TorchScriptFile;
import djinn.ops.DataException;
import djinn.ops.DeviceName;
import djinn.ops.NotFiniteException;
import djinn.zoo.Models;
import djinn.zoo.weights.Preference;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trained classifier of images, on the PyTorch engine or on ONNX Runtime.
 *
 * <pre>{@code
 * try (ImageClassifier classifier = ImageClassifier.open(Path.of("runs/digits"))) {
 *     Classification answer = classifier.predict(Path.of("photo.jpg"));
 *     String label = answer.best().label();
 * }
 * }</pre>
 *
 * <p>Any number of threads may call one classifier at once; they share its weights. Closing it waits for the calls under
 * way; later ones fail with an {@link IllegalStateException}.
 *
 * <p>DjlImages may have any size and kind: photos are turned the right way up as their Exif data says, an alpha channel is
 * dropped, of 16 bits the upper 8 are kept, and what is done next the model's own {@link Preprocessing} says. An image
 * file of more than 178,956,970 pixels is refused by its header.
 */
public final class ImageClassifier implements AutoCloseable {

    private static final int USUAL_BATCH = 32;

    private final ModelCard card;
    private final Predictor<ImageInput, Classification> predictor;

    /**
     * How a model is opened.
     *
     * @param engine what computes it; empty leaves that to the file
     * @param card model, classes and preprocessing; empty leaves them to the file
     * @param batch the most images that are computed together, at least 1
     * @param frozen whether opening it {@linkplain #freeze freezes} it
     * @param preference which weights are taken where a file has averaged and plain ones
     * @param device where the PyTorch engine computes it; ONNX Runtime computes on the processor alone
     */
    public record Settings(
            Optional<Engine> engine,
            Optional<ModelCard> card,
            int batch,
            boolean frozen,
            Preference preference,
            DeviceName device) {

        /**
         * Checks the batch.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Settings {
            if (batch < 1) {
                throw new IllegalArgumentException("expected a batch of at least 1, got " + batch);
            }
        }

        /** All left to the file, 32 images together, frozen, averaged weights where there are any. */
        public static Settings usual() {
            return new Settings(Optional.empty(), Optional.empty(), USUAL_BATCH, true, Preference.EMA, DeviceName.AUTO);
        }

        /** Returns the same with an engine. */
        public Settings withEngine(Engine wanted) {
            return new Settings(Optional.of(wanted), card, batch, frozen, preference, device);
        }

        /** Returns the same with a card. */
        public Settings withCard(ModelCard wanted) {
            return new Settings(engine, Optional.of(wanted), batch, frozen, preference, device);
        }

        /** Returns the same with a batch. */
        public Settings withBatch(int wanted) {
            return new Settings(engine, card, wanted, frozen, preference, device);
        }

        /** Returns the same, frozen or not: not is quicker for the first few images. */
        public Settings withFrozen(boolean wanted) {
            return new Settings(engine, card, batch, wanted, preference, device);
        }

        /** Returns the same with a preference among averaged and plain weights. */
        public Settings withPreference(Preference wanted) {
            return new Settings(engine, card, batch, frozen, wanted, device);
        }

        /** Returns the same on a device. */
        public Settings withDevice(DeviceName wanted) {
            return new Settings(engine, card, batch, frozen, preference, wanted);
        }
    }

    /** An image at the model's size and channels, as {@link #prepare} makes it. */
    public static final class Prepared {

        private final ImageInput input;

        private Prepared(ImageInput input) {
            this.input = input;
        }
    }

    private ImageClassifier(ModelCard card, Predictor<ImageInput, Classification> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /**
     * Opens a model that says what it is.
     *
     * @param model the folder of a run, weights saved by Djinn, or an ONNX or TorchScript file that Djinn wrote
     * @return the classifier, to be closed
     * @throws DataException if it is missing, damaged or no classifier of Djinn's
     */
    public static ImageClassifier open(Path model) {
        return open(model, Settings.usual());
    }

    /**
     * Opens a model that does not say what it is: weights from elsewhere, or a foreign ONNX file of one input (N, C, H,
     * W), float32, whose output {@code output}, or else the first, is (N, K): logits, or probabilities where a softmax
     * makes them.
     *
     * @param model weights or an ONNX file
     * @param card model, classes and preprocessing; the model's name does not matter to ONNX
     * @return the classifier, to be closed
     * @throws DataException if it is missing, damaged or does not fit the card
     */
    public static ImageClassifier open(Path model, ModelCard card) {
        return open(model, Settings.usual().withCard(card));
    }

    /**
     * Opens weights from elsewhere under the model's usual preprocessing.
     *
     * @param model the architecture's name in the zoo
     * @param weights a safetensors file or a PyTorch state dict
     * @param classes their names, by index
     * @return the classifier, to be closed
     * @throws DataException if the file is missing, damaged or does not fit the model
     * @throws IllegalArgumentException if there is no such model
     */
    public static ImageClassifier open(String model, Path weights, List<String> classes) {
        return open(weights, ModelCard.usual(Models.named(model), classes));
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, weights or an ONNX file; with the engine ONNX, a run's is its {@code best.onnx}
     * @param settings how
     * @return the classifier, to be closed
     * @throws DataException if it is missing, damaged, or neither it nor the settings say what it is
     * @throws IllegalArgumentException if it is not for the engine, or no classifier
     */
    public static ImageClassifier open(Path model, Settings settings) {
        return open(ModelFile.of(model, settings.engine()), settings);
    }

    /**
     * Opens a model whose file was found.
     *
     * @param file the file
     * @param settings how; the engine is the file's
     * @return the classifier, to be closed
     * @throws DataException if it is damaged, or neither it nor the settings say what it is
     * @throws IllegalArgumentException if it is no classifier
     */
    public static ImageClassifier open(ModelFile file, Settings settings) {
        file.requireTask(ModelCard.CLASSIFICATION, "a classifier");
        ModelCard card = settings.card()
                .or(file::classifierCard)
                .orElseThrow(() -> new DataException(file.file()
                        + ": does not say which model, classes and preprocessing it belongs to; expected a file saved"
                        + " by djinn, or settings that name them"));
        if (file.holdsWeights()) {
            card.requireClassifier();
        }
        return new ImageClassifier(
                card,
                Predictor.open(
                        file,
                        card,
                        traits -> codec(card, traits),
                        new Predictor.Settings(
                                settings.engine(),
                                settings.batch(),
                                settings.frozen(),
                                settings.preference(),
                                settings.device()),
                        "classifier"));
    }

    /**
     * Takes a model over that is loaded, such as one that was trained in the same program.
     *
     * @param model (N, C, H, W) to logits (N, K); is closed with the classifier
     * @return the classifier, to be closed
     */
    public static ImageClassifier of(LoadedModel<ModelCard> model) {
        ModelCard card = model.card();
        Predictor.Settings settings = Predictor.Settings.USUAL.withFrozen(false);
        return new ImageClassifier(card, Predictor.of(model, traits -> codec(card, traits), settings, "classifier"));
    }

    private static Codec<ImageInput, Classification> codec(ModelCard card, ModelTraits traits) {
        return new ImageCodec<>(
                card.preprocessing(),
                traits.takesPixels(),
                (outputs, asked) -> answers(card.classes(), traits, outputs.get(0), asked));
    }

    private static List<Classification> answers(
            List<String> classes, ModelTraits traits, Tensor logits, List<ImageCodec.Asked> asked) {
        int count = asked.size();
        if (!logits.shape().equals(new Shape(count, classes.size())) || logits.type() != DataType.FLOAT32) {
            throw new DataException(traits.source() + ": answers " + logits.type() + " " + logits.shape()
                    + ", expected float32 (" + count + ", " + classes.size()
                    + "), one for each class; is this a classifier of these classes?");
        }
        FloatBuffer values = logits.floats();
        List<Classification> answers = new ArrayList<>(count);
        for (int n = 0; n < count; n++) {
            try {
                answers.add(Classification.of(classes, values, n * classes.size(), traits.answersProbabilities()));
            } catch (NotFiniteException e) {
                throw new NotFiniteException(asked.get(n).name() + ": " + e.getMessage());
            }
        }
        return answers;
    }

    /**
     * Returns what a model says it is, without loading it.
     *
     * @param model as for {@link #open(Path, Settings)}
     * @param engine what is to compute it; empty leaves that to the file
     * @return empty if it says nothing
     * @throws DataException if it is missing or damaged
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static Optional<ModelCard> cardOf(Path model, Optional<Engine> engine) {
        return ModelFile.of(model, engine).classifierCard();
    }

    /**
     * Tells whether a file is a model that runs by itself, ONNX or TorchScript, rather than weights of one of the zoo.
     *
     * @param file the file
     */
    public static boolean isExport(Path file) {
        return OnnxFile.isOnnx(file) || TorchScriptFile.isTorchScript(file);
    }

    /** Returns the model's name, its classes and its preprocessing. */
    public ModelCard card() {
        return card;
    }

    /** Returns what was taken off names, chosen and left out when the weights were loaded, a line each. */
    public List<String> notes() {
        return predictor.notes();
    }

    /** Returns what computes it. */
    public Engine engine() {
        return predictor.engine();
    }

    /**
     * Makes the classifier quicker: on the PyTorch engine, later calls take about half the time, and answer the same up to
     * rounding. It takes as long as a few calls; again, no time.
     *
     * @return this classifier
     * @throws IllegalStateException if the classifier is closed
     */
    public ImageClassifier freeze() {
        predictor.freeze();
        return this;
    }

    /**
     * Classifies an image file.
     *
     * @param file a PNG, JPEG, BMP or GIF file
     * @throws DataException if it is missing, no image, damaged or too large, or the model answers no numbers
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(Path file) {
        return one(file);
    }

    /**
     * Classifies an image.
     *
     * @param contents those of an image file
     * @throws DataException if they are no image, damaged or too large, or the model answers no numbers
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(byte[] contents) {
        return one(contents);
    }

    /**
     * Classifies an image.
     *
     * @param contents those of an image file, read to their end; the stream stays open
     * @throws DataException if they are no image, damaged or too large, or the model answers no numbers
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(InputStream contents) {
        return one(contents);
    }

    /**
     * Classifies an image.
     *
     * @param image any
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(BufferedImage image) {
        return one(image);
    }

    /**
     * Classifies an image.
     *
     * @param image any
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(Image image) {
        return one(image);
    }

    /**
     * Classifies an image.
     *
     * @param image any
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(Pixels image) {
        return one(image);
    }

    /**
     * Classifies an image that is preprocessed already.
     *
     * @param image (C, H, W) or (1, C, H, W), float32, of any engine; stays the caller's
     * @throws IllegalArgumentException if it has another shape or type
     * @throws IllegalStateException if the classifier is closed
     */
    public Classification predict(NDArray image) {
        Shape shape = image.getShape();
        if (shape.dimension() == 4 && shape.get(0) != 1) {
            throw new IllegalArgumentException("expected one image, got " + shape + "; use predictAll for many");
        }
        return predictAll(image).get(0);
    }

    /**
     * Classifies images that are preprocessed already.
     *
     * @param images (N, C, H, W) or (C, H, W), float32, of any engine; stay the caller's
     * @return one answer for each image, in order
     * @throws IllegalArgumentException if they have another shape or type
     * @throws IllegalStateException if the classifier is closed
     */
    public List<Classification> predictAll(NDArray images) {
        Preprocessing one = card.preprocessing();
        Shape shape = images.getShape();
        if (shape.dimension() != 4
                || shape.get(0) < 1
                || !shape.slice(1).equals(new Shape(one.channels(), one.height(), one.width()))) {
            // one image, or refused
            return List.of(one(images));
        }
        List<ImageInput> inputs = new ArrayList<>();
        for (Tensor image : Tensor.of(images).rows()) {
            inputs.add(ImageInput.of(image, numbered(inputs.size())));
        }
        return predictor.predictAll(inputs);
    }

    /**
     * Classifies images, a batch at a time.
     *
     * @param images each a {@link Path}, {@code byte[]}, {@link InputStream}, {@link BufferedImage}, DJL {@link Image} or
     *     {@link Pixels}, an image that {@link #prepare} made ready, or an {@link NDArray} (C, H, W) that is preprocessed
     *     already
     * @return one answer for each image, in order
     * @throws DataException if one cannot be read
     * @throws NotFiniteException if the model's answer to one is NaN or infinite
     * @throws IllegalArgumentException if one is of another kind, or an array of another shape or type
     * @throws IllegalStateException if the classifier is closed
     */
    public List<Classification> predictAll(List<?> images) {
        List<ImageInput> inputs = new ArrayList<>();
        for (Object image : images) {
            inputs.add(input(image, numbered(inputs.size())));
        }
        return predictor.predictAll(inputs);
    }

    /**
     * Classifies images by the mean probabilities of several views of each.
     *
     * @param images any size and channels
     * @param tta which views
     * @return the probabilities, (N, K) row by row
     * @throws NotFiniteException if the model's answer to one is NaN or infinite
     * @throws IllegalStateException if the classifier is closed
     */
    public float[] probabilities(List<Pixels> images, TestTimeAugmentation tta) {
        int classes = card.classes().size();
        float[] sums = new float[images.size() * classes];
        for (int n = 0; n < images.size(); n++) {
            String name = numbered(n);
            List<ImageInput> views = tta.views(images.get(n), card.preprocessing()).stream()
                    .map(view -> ImageInput.fitted(view, card.preprocessing(), name))
                    .toList();
            for (Classification answer : predictor.predictAll(views)) {
                for (Score score : answer.scores()) {
                    sums[n * classes + score.index()] += (float) (score.probability() / views.size());
                }
            }
        }
        return sums;
    }

    /**
     * Decodes an image and brings it to the model's size: what takes long and needs no engine, to be done in threads of
     * one's own ahead of {@link #predictAll(List)}.
     *
     * @param image a {@link Path}, {@code byte[]}, {@link InputStream}, {@link BufferedImage}, DJL {@link Image} or {@link
     *     Pixels}
     * @return the image, for classifiers of the same preprocessing
     * @throws DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind
     */
    public Prepared prepare(Object image) {
        return prepare(image, "the image");
    }

    /**
     * Does the same for an image that messages are to call by a name.
     *
     * @param image as for the other method
     * @param name such as the file's
     * @return the image, for classifiers of the same preprocessing
     * @throws DataException if it cannot be read
     * @throws IllegalArgumentException if it is of another kind
     */
    public Prepared prepare(Object image, String name) {
        return new Prepared(ImageInput.of(image, name).prepared(card.preprocessing()));
    }

    /** Returns the same classifier as any task's model of images. */
    public ImagePredictor<Classification> asPredictor() {
        return new ImagePredictor<>(predictor, card.preprocessing());
    }

    /** Closes the classifier; waits for the calls under way in other threads. */
    @Override
    public void close() {
        predictor.close();
    }

    private Classification one(Object image) {
        return predictor.predict(input(image, "the image"));
    }

    private static ImageInput input(Object image, String name) {
        return image instanceof Prepared prepared ? prepared.input : ImageInput.of(image, name);
    }

    private static String numbered(int index) {
        return "image " + (index + 1);
    }
}
