package djinn.tasks.segmentation;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.ImageFiles;
import djinn.data.MaskedImages;
import djinn.data.Pixels;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.Nearest;
import djinn.ops.PyTorch;
import djinn.zoo.ModelWeights;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import java.nio.file.Files;
import java.nio.file.Path;

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
    private final NDManager manager;
    private final ArrayBlock model;

    private ImageSegmenter(SegmentationCard card, NDManager manager, ArrayBlock model) {
        this.card = card;
        this.manager = manager;
        this.model = model;
    }

    /**
     * Opens what a run of the task {@code segmentation} made.
     *
     * @param run its folder, or a safetensors file of it
     * @return the segmenter, to be closed
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     */
    public static ImageSegmenter open(Path run) {
        Path weights = weights(run);
        SegmentationCard card = SegmentationCard.of(weights);
        NDManager manager = PyTorch.newManager();
        try {
            return new ImageSegmenter(card, manager, model(card, weights, manager));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** The file that a run or a path to weights means. */
    static Path weights(Path run) {
        Path weights = Files.isDirectory(run) ? run.resolve("best.safetensors") : run;
        if (!Files.exists(weights)) {
            throw new DataException(weights + ": there is no such run folder or file" + Nearest.suggestion(weights));
        }
        return weights;
    }

    /** The model with the weights of a file. */
    static ArrayBlock model(SegmentationCard card, Path weights, NDManager owner) {
        ArrayBlock model = card.newModel();
        model.initialize(owner);
        ModelWeights.load(weights, Models.named(card.model().model()), model, ModelWeights.Use.PREDICT, Preference.EMA);
        MemoryFormat.CHANNELS_LAST.convert(new NDList(StateDict.of(model).values()));
        return model;
    }

    /** Returns which model this is, its classes and what it does to an image. */
    public SegmentationCard card() {
        return card;
    }

    /** Returns the model, (N, C, H, W) to logits (N, K, H, W), which belongs to the segmenter. */
    public ArrayBlock model() {
        return model;
    }

    /**
     * Segments an image file.
     *
     * @param image a PNG, JPEG, BMP, GIF, WebP, TIFF or PNM file
     * @return its classes, in its own size
     * @throws DataException if the image cannot be read
     */
    public Segmentation segment(Path image) {
        return segment(ImageFiles.read(image, card.preprocessing().channels()));
    }

    /**
     * Segments an image.
     *
     * @param image of any size and channels
     * @return its classes, in its own size: the logits, between the model's pixels interpolated linearly, are highest for
     *     them
     */
    public Segmentation segment(Pixels image) {
        SegmentationCodec codec = new SegmentationCodec(card);
        Pass pass = new Pass(new ParameterStore(manager, false), false);
        try (NDManager owner = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            float[] logits = model.forward(codec.input(image, owner), pass).toFloatArray();
            return codec.answer(logits, image.height(), image.width());
        }
    }

    /**
     * Measures the segmenter on images whose classes are known, each in its own size.
     *
     * @param data of the segmenter's classes
     * @return all figures but the loss
     * @throws DataException if an image or a mask cannot be read
     */
    public SegmentationFigures measure(MaskedImages data) {
        SegmentationFigures figures = new SegmentationFigures(card.classes().size());
        for (int i = 0; i < data.size(); i++) {
            Pixels image = data.image(i, card.preprocessing().channels());
            figures.add(segment(image).labels(), data.mask(i));
        }
        return figures;
    }

    @Override
    public void close() {
        manager.close();
    }
}
