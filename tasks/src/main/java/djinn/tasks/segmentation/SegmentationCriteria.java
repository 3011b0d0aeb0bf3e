package djinn.tasks.segmentation;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.inference.Engine;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Preference;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A trained segmenter as DJL loads it.
 *
 * <p>The answers are those of an {@link ImageSegmenter}, but for pixels that a model which crops images does not see:
 * they are of class 0.
 */
public final class SegmentationCriteria {

    private static final String WEIGHTS = "weights";
    private static final String HEIGHT = "height";
    private static final String WIDTH = "width";

    private SegmentationCriteria() {}

    /**
     * Returns what DJL must be told to load what a run made.
     *
     * @param run its folder, or a safetensors file of it
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     */
    public static Criteria<Image, CategoryMask> of(Path run) {
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        Path weights = file.file().toAbsolutePath();
        return Criteria.builder()
                .setTypes(Image.class, CategoryMask.class)
                .optModelPath(weights.getParent())
                .optEngine("PyTorch")
                .optArgument("blockFactory", Blocks.class.getName())
                .optArgument(WEIGHTS, weights.getFileName().toString())
                .optTranslator(new MaskTranslator(SegmentationCard.fromMetadata(file.metadata(), weights)))
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
            SegmentationCard card = SegmentationCard.fromMetadata(file.metadata(), weights);
            return LoadedModel.into(model.getNDManager(), weights, card, Preference.EMA);
        }
    }

    private record MaskTranslator(SegmentationCard card) implements NoBatchifyTranslator<Image, CategoryMask> {

        @Override
        public NDList processInput(TranslatorContext ctx, Image input) {
            if (!(input.getWrappedImage() instanceof BufferedImage buffered)) {
                throw new IllegalArgumentException("expected an image of Java's own, as DJL's usual factory makes them,"
                        + " got " + input.getWrappedImage().getClass());
            }
            Pixels image = Pixels.of(buffered, card.preprocessing().channels());
            ctx.setAttachment(HEIGHT, image.height());
            ctx.setAttachment(WIDTH, image.width());
            return new NDList(SegmentationCodec.normalised(
                    card, List.of(card.preprocessing().fit(image)), ctx.getNDManager()));
        }

        @Override
        public CategoryMask processOutput(TranslatorContext ctx, NDList list) {
            int height = (int) ctx.getAttachment(HEIGHT);
            int width = (int) ctx.getAttachment(WIDTH);
            LabelMap labels = SegmentationCodec.answer(card, list.get(0).toFloatArray(), height, width)
                    .labels();
            int[][] mask = new int[height][width];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    mask[y][x] = labels.at(y, x) == LabelMap.IGNORED ? 0 : labels.at(y, x);
                }
            }
            return new CategoryMask(card.classes(), mask);
        }
    }
}
