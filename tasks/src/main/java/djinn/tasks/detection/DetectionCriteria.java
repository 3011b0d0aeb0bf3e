package djinn.tasks.detection;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.BoundingBox;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.Engine;
import djinn.inference.ImageCodec;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.inference.Tensor;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.zoo.weights.Preference;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A trained detector as DJL loads it. The answers are those of an {@link ObjectDetector}. */
public final class DetectionCriteria {

    private static final String WEIGHTS = "weights";
    private static final String ASKED = "asked";

    private DetectionCriteria() {}

    /**
     * Returns what DJL must be told to load what a run made.
     *
     * @param run its folder, or a safetensors file of it
     * @param choice which objects are told
     * @return criteria, ready for {@link Criteria#loadModel()}; boxes are in shares of the image's width and height, as DJL
     *     has them
     * @throws DataException if the file is missing or damaged, or holds no detector of Djinn's
     * @throws IllegalArgumentException if a class is none of the detector's, or the mirror image is to be looked at
     */
    public static Criteria<Image, DetectedObjects> of(Path run, ObjectChoice choice) {
        if (choice.mirrored()) {
            throw new IllegalArgumentException(
                    "expected a choice without the mirror image for DJL's criteria; ObjectDetector looks at it");
        }
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        Path weights = file.file().toAbsolutePath();
        DetectionCard card = DetectionCard.fromMetadata(file.metadata(), weights);
        DetectionReading reading = new DetectionReading(
                card,
                choice.selection(card.selection(card.newModel()), Optional.empty(), weights.toString()),
                choice.labels(card.classes()));
        return Criteria.builder()
                .setTypes(Image.class, DetectedObjects.class)
                .optModelPath(weights.getParent())
                .optEngine("PyTorch")
                .optArgument("blockFactory", Blocks.class.getName())
                .optArgument(WEIGHTS, weights.getFileName().toString())
                .optTranslator(new ObjectTranslator(reading))
                .optOption("hasParameter", "false")
                .build();
    }

    /** Makes the block of a run's weights, its values already in it. */
    public static final class Blocks implements BlockFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
            Path weights = modelPath.resolve(arguments.get(WEIGHTS).toString());
            ModelFile file = ModelFile.of(weights, Optional.of(Engine.PYTORCH));
            DetectionCard card = DetectionCard.fromMetadata(file.metadata(), weights);
            return LoadedModel.into(model.getNDManager(), weights, card, Preference.EMA);
        }
    }

    private record ObjectTranslator(DetectionReading reading) implements NoBatchifyTranslator<Image, DetectedObjects> {

        @Override
        public NDList processInput(TranslatorContext ctx, Image input) {
            if (!(input.getWrappedImage() instanceof BufferedImage buffered)) {
                throw new IllegalArgumentException("expected an image of Java's own, as DJL's usual factory makes them,"
                        + " got " + input.getWrappedImage().getClass());
            }
            Preprocessing images = reading.card().preprocessing();
            Pixels image = Pixels.of(buffered, images.channels());
            ctx.setAttachment(ASKED, new ImageCodec.Asked("the image", image.height(), image.width()));
            FloatBuffer values = FloatBuffer.allocate(images.channels() * images.height() * images.width());
            images.normalise(images.fit(image), values);
            return new NDList(ctx.getNDManager()
                    .create(values.array(), new Shape(1, images.channels(), images.height(), images.width())));
        }

        @Override
        public DetectedObjects processOutput(TranslatorContext ctx, NDList list) {
            ImageCodec.Asked asked = (ImageCodec.Asked) ctx.getAttachment(ASKED);
            Detections found = reading.answers(list.stream().map(Tensor::of).toList(), List.of(asked), "the model")
                    .get(0);
            List<String> names = new ArrayList<>();
            List<Double> scores = new ArrayList<>();
            List<BoundingBox> boxes = new ArrayList<>();
            for (DetectedObject object : found.objects()) {
                Box box = object.box();
                names.add(object.label());
                scores.add(object.score());
                boxes.add(new Rectangle(
                        box.x() / found.width(),
                        box.y() / found.height(),
                        box.width() / found.width(),
                        box.height() / found.height()));
            }
            return new DetectedObjects(names, scores, boxes);
        }
    }
}
