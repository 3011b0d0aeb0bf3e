package djinn.predict.imagetranslation;

import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.CycleGan.Direction;
import djinn.zoo.generative.Pix2PixUNet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the weights of a generator that learned from pairs of images must say so that they can be used by themselves.
 *
 * @param preprocessing what is done to every image
 * @param width the generator's channels next to the images
 * @param levels how often it halves an image
 */
public record PairedTranslationCard(Preprocessing preprocessing, int width, int levels) implements TranslatingCard {

    /** The task's name. */
    public static final String TASK_NAME = "paired_image_translation";

    /** What metadata call the model. */
    public static final String NAME = "pix2pix";

    private static final String LEVELS = "djinn.levels";

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "images, (N, C, H, W), float32, from -1 to 1: the input translated from domain a to b";
    }

    @Override
    public Pix2PixUNet newModel() {
        return newModel(0);
    }

    /**
     * Builds the model to train it, not initialised.
     *
     * @param dropout the rate of the innermost levels, in training alone
     */
    public Pix2PixUNet newModel(double dropout) {
        int channels = preprocessing.channels();
        return new Pix2PixUNet(new Pix2PixUNet.Config(channels, channels, width, levels, true, dropout));
    }

    /** From a to b alone. */
    @Override
    public List<Direction> directions() {
        return List.of(Direction.A_TO_B);
    }

    @Override
    public Card oneWay(Direction direction) {
        return this;
    }

    @Override
    public Map<String, String> toMetadata() {
        return TranslatedImages.metadata(this, NAME, LEVELS, levels);
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static PairedTranslationCard fromMetadata(Map<String, String> metadata, Path file) {
        return TranslatedImages.card(metadata, file, NAME, TASK_NAME, LEVELS, PairedTranslationCard::new);
    }
}
