package djinn.predict.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import djinn.predict.generative.DrawnImages;
import djinn.zoo.generative.CycleGan.Direction;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Trained generators that translate images between two domains, both ways, or, where they learned from pairs, from a to b.
 *
 * <pre>{@code
 * try (ImageTranslator translator = ImageTranslator.open(Path.of("runs/horses"))) {
 *     Pixels zebra = translator.translate(Path.of("horse.jpg"), Direction.A_TO_B);
 *     ImageGrid.write(zebra, Path.of("zebra.png"));
 * }
 * }</pre>
 *
 * <p>A translation is of the size of the training's images, {@link #size()}: an image of another size is resized to it by
 * its shorter side, and its centre cut out. May be used from several threads.
 */
public final class ImageTranslator implements AutoCloseable {

    private final ModelFile file;
    private final TranslatingCard card;
    private final Predictor.Settings settings;
    private final Map<Direction, Predictor<ImageInput, Pixels>> opened = new EnumMap<>(Direction.class);
    private boolean closed;

    private ImageTranslator(ModelFile file, TranslatingCard card, Predictor.Settings settings) {
        this.file = file;
        this.card = card;
        this.settings = settings;
    }

    /**
     * Opens what a run of the task {@code image_translation} or {@code paired_image_translation} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @return the translator, to be closed
     * @throws DataException if the file is missing, damaged, or of another task
     */
    public static ImageTranslator open(Path model) {
        return open(model, Predictor.Settings.USUAL.withBatch(1).withFrozen(false));
    }

    /**
     * Opens what a run of the task {@code image_translation} or {@code paired_image_translation} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @return the translator, to be closed
     * @throws DataException if the file is missing, damaged, or of another task
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static ImageTranslator open(Path model, Predictor.Settings settings) {
        ModelFile file = ModelFile.of(model, settings.engine());
        return new ImageTranslator(file, TranslatingCard.fromMetadata(file.metadata(), file.file()), settings);
    }

    /** Returns the ways it translates. */
    public List<Direction> directions() {
        return card.directions();
    }

    /** Returns the height and width of translations, in pixels. */
    public int size() {
        return card.preprocessing().height();
    }

    /** Returns the channels of translations: 1 (grey) or 3 (red, green, blue). */
    public int channels() {
        return card.preprocessing().channels();
    }

    /**
     * Translates an image.
     *
     * @param image a {@link Path}, {@code byte[]}, {@link java.awt.image.BufferedImage}, {@link Pixels} or DJL image
     * @param direction which way
     * @return the translation, {@link #size()} rows and columns
     * @throws DataException if the image cannot be read
     * @throws IllegalArgumentException if it does not translate that way
     * @throws IllegalStateException if the translator is closed
     */
    public Pixels translate(Object image, Direction direction) {
        return translateAll(List.of(image), direction).get(0);
    }

    /**
     * Translates images.
     *
     * @param images any number, each as in {@link #translate}
     * @param direction which way
     * @return a translation for each, in order
     * @throws DataException if an image cannot be read
     * @throws IllegalArgumentException if it does not translate that way
     * @throws IllegalStateException if the translator is closed
     */
    public List<Pixels> translateAll(List<?> images, Direction direction) {
        if (!directions().contains(direction)) {
            throw new IllegalArgumentException("expected "
                    + directions().stream().map(Direction::key).collect(Collectors.joining(" or "))
                    + ", the way this model learned, got " + direction.key());
        }
        return predictor(direction)
                .predictAll(images.stream()
                        .map(image -> ImageInput.of(image, "the image"))
                        .toList());
    }

    private synchronized Predictor<ImageInput, Pixels> predictor(Direction direction) {
        if (closed) {
            throw new IllegalStateException("expected an open translator, this one is closed");
        }
        return opened.computeIfAbsent(
                direction,
                way -> Predictor.open(
                        file,
                        card.oneWay(way),
                        traits -> new ImageCodec<>(
                                card.preprocessing(), traits.takesPixels(), (outputs, asked) -> pixels(outputs, way)),
                        settings,
                        "translator"));
    }

    /** Of an exported file both directions come back, of weights the one they were opened for. */
    private static List<Pixels> pixels(List<Tensor> outputs, Direction direction) {
        return DrawnImages.pixels(outputs.get(outputs.size() == 1 ? 0 : direction.place()));
    }

    /**
     * Returns an image as the generators take it.
     *
     * @param image of any size
     * @param preprocessing the card's
     * @param owner owns the array
     * @return (1, C, H, W), float32
     */
    public static NDArray array(Pixels image, Preprocessing preprocessing, NDManager owner) {
        Pixels fitted = preprocessing.fit(image);
        FloatBuffer values = FloatBuffer.allocate(fitted.values().length);
        preprocessing.normalise(fitted, values);
        Shape shape = new Shape(1, fitted.channels(), fitted.height(), fitted.width());
        return owner.create(values.array(), shape);
    }

    /** Frees the weights. */
    @Override
    public synchronized void close() {
        closed = true;
        opened.values().forEach(Predictor::close);
        opened.clear();
    }
}
