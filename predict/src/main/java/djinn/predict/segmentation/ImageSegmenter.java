package djinn.predict.segmentation;

import djinn.data.Pixels;
import djinn.inference.Codec;
import djinn.inference.ImageInput;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelFile;
import djinn.inference.ModelTraits;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import djinn.zoo.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A trained segmenter: images in, a class for every pixel out.
 *
 * <pre>{@code
 * try (ImageSegmenter segmenter = ImageSegmenter.open(Path.of("runs/nuclei"))) {
 *     Segmentation answer = segmenter.segment(Path.of("cells.png"));
 *     answer.writeMask(Path.of("cells-mask.png"));
 * }
 * }</pre>
 */
public final class ImageSegmenter implements AutoCloseable {

    private final SegmentationCard card;
    private final Predictor<ImageInput, Segmentation> predictor;
    private final Views views;

    private ImageSegmenter(SegmentationCard card, Predictor<ImageInput, Segmentation> predictor, Views views) {
        this.card = card;
        this.predictor = predictor;
        this.views = views;
    }

    /**
     * Opens what a run of the task {@code segmentation} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @return the segmenter, to be closed
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     */
    public static ImageSegmenter open(Path model) {
        return open(model, Predictor.Settings.USUAL);
    }

    /**
     * Opens what a run of the task {@code segmentation} made.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @return the segmenter, to be closed
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static ImageSegmenter open(Path model, Predictor.Settings settings) {
        return open(model, settings, Views.WHOLE);
    }

    /**
     * Opens what a run of the task {@code segmentation} made, to look at images in tiles, or at their mirror images too.
     *
     * @param model its folder, or a safetensors, ONNX or TorchScript file of it
     * @param settings how
     * @param views how images are looked at; tiles of another size than the model's take its weights, or a file that takes
     *     images of that size
     * @return the segmenter, to be closed
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     * @throws IllegalArgumentException if it is not for the engine, or the tiles are smaller than the model takes
     */
    public static ImageSegmenter open(Path model, Predictor.Settings settings, Views views) {
        return open(ModelFile.of(model, settings.engine()), settings, views);
    }

    /**
     * Opens public weights of a model of the zoo, which do not say what they are.
     *
     * @param model its name, such as {@code deeplabv3_mobilenet_v2}
     * @param weights a safetensors file or a PyTorch state dict
     * @return the segmenter of the usual classes, PASCAL VOC's of 21; to be closed
     * @throws DataException if the file is missing or damaged, or does not fit the model
     * @throws IllegalArgumentException if there is no such model, or it is for another task
     */
    public static ImageSegmenter open(String model, Path weights) {
        return open(
                weights, SegmentationCard.usual(Models.named(model), List.of()), Predictor.Settings.USUAL, Views.WHOLE);
    }

    /**
     * Opens weights of a card.
     *
     * @param weights a safetensors file or a PyTorch state dict
     * @param card what they are, whatever they say of themselves
     * @param settings how
     * @param views how images are looked at
     * @return the segmenter, to be closed
     * @throws DataException if the file is missing or damaged, or does not fit the model
     * @throws IllegalArgumentException if the tiles are smaller than the model takes
     */
    public static ImageSegmenter open(Path weights, SegmentationCard card, Predictor.Settings settings, Views views) {
        return open(ModelFile.of(weights, settings.engine()), card, settings, views);
    }

    static ImageSegmenter open(ModelFile file, Predictor.Settings settings, Views views) {
        return open(file, SegmentationCard.fromMetadata(file.metadata(), file.file()), settings, views);
    }

    static ImageSegmenter open(ModelFile file, SegmentationCard own, Predictor.Settings settings, Views views) {
        SegmentationCard card =
                views.tile().isPresent() ? own.withSize(views.tile().getAsInt()) : own;
        return new ImageSegmenter(
                card, Predictor.open(file, card, traits -> codec(card, traits, views), settings, "segmenter"), views);
    }

    private static Codec<ImageInput, Segmentation> codec(SegmentationCard card, ModelTraits traits, Views views) {
        SegmentationCodec plain = new SegmentationCodec(card, traits);
        return views.isWhole() ? plain : new ViewsCodec(plain, views);
    }

    /** Returns which model this is, its classes and what it does to an image. */
    public SegmentationCard card() {
        return card;
    }

    /** Returns the same segmenter as any task's model of images. */
    public ImagePredictor<Segmentation> asPredictor() {
        return new ImagePredictor<>(
                predictor, card.preprocessing(), views.tile().isPresent());
    }

    /**
     * Segments an image file.
     *
     * @param image a PNG, JPEG, BMP, GIF, WebP, TIFF or PNM file
     * @return its classes, in its own size
     * @throws DataException if the image cannot be read
     */
    public Segmentation segment(Path image) {
        return predictor.predict(ImageInput.of(image, "the image"));
    }

    /**
     * Segments an image.
     *
     * @param image of any size and channels
     * @return its classes, in its own size: the logits, between the model's pixels interpolated linearly, are highest for
     *     them
     */
    public Segmentation segment(Pixels image) {
        return predictor.predict(ImageInput.of(image, "the image"));
    }

    /**
     * Segments images, a batch at a time.
     *
     * @param images each a {@link Path}, {@code byte[]}, {@link java.io.InputStream}, {@link
     *     java.awt.image.BufferedImage}, DJL image or {@link Pixels}
     * @return an answer for each, in order
     * @throws DataException if an image cannot be read
     */
    public List<Segmentation> segmentAll(List<?> images) {
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
