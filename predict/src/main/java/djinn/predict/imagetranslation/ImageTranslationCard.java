package djinn.predict.imagetranslation;

import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.CycleGan;
import djinn.zoo.generative.CycleGan.Direction;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the weights of two generators that translate images must say so that they can be used by themselves.
 *
 * @param preprocessing what is done to every image
 * @param width the generators' channels next to the images
 * @param blocks their residual blocks
 */
public record ImageTranslationCard(Preprocessing preprocessing, int width, int blocks) implements TranslatingCard {

    /** The task's name. */
    public static final String TASK_NAME = "image_translation";

    /** What metadata call the model. */
    public static final String NAME = "cyclegan";

    private static final String BLOCKS = "djinn.blocks";

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "two arrays of images, (N, C, H, W), float32, from -1 to 1: the input translated from domain a to b, and"
                + " from b to a";
    }

    @Override
    public CycleGan newModel() {
        return new CycleGan(preprocessing.channels(), width, blocks);
    }

    @Override
    public List<Direction> directions() {
        return List.of(Direction.values());
    }

    @Override
    public Card oneWay(Direction direction) {
        ImageTranslationCard whole = this;
        return new Card() {
            @Override
            public String task() {
                return whole.task();
            }

            @Override
            public String output() {
                return whole.output();
            }

            @Override
            public CycleGan newModel() {
                return new CycleGan(preprocessing.channels(), width, blocks, List.of(direction));
            }

            @Override
            public Map<String, String> toMetadata() {
                return whole.toMetadata();
            }
        };
    }

    @Override
    public Map<String, String> toMetadata() {
        return TranslatedImages.metadata(this, NAME, BLOCKS, blocks);
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static ImageTranslationCard fromMetadata(Map<String, String> metadata, Path file) {
        return TranslatedImages.card(metadata, file, NAME, TASK_NAME, BLOCKS, ImageTranslationCard::new);
    }
}
