package djinn.predict.imagetranslation;

import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.CycleGan.Direction;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the weights of generators that translate images must say so that {@link ImageTranslator} can ask them. */
public sealed interface TranslatingCard extends Card permits ImageTranslationCard, PairedTranslationCard {

    /** Returns what is done to every image. */
    Preprocessing preprocessing();

    /** Returns the channels next to the images. */
    int width();

    /** Returns the ways there are, in the order of the file's outputs. */
    List<Direction> directions();

    /**
     * Returns the same file opened for one way: a pass computes that alone.
     *
     * @param direction one of {@link #directions()}
     */
    Card oneWay(Direction direction);

    /**
     * Returns the card in the metadata of a file, of whichever task that translates images.
     *
     * @param metadata of the weights
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    static TranslatingCard fromMetadata(Map<String, String> metadata, Path file) {
        return PairedTranslationCard.TASK_NAME.equals(metadata.get(TASK))
                ? PairedTranslationCard.fromMetadata(metadata, file)
                : ImageTranslationCard.fromMetadata(metadata, file);
    }
}
