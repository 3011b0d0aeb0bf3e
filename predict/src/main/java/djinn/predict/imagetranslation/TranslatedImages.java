package djinn.predict.imagetranslation;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What files of generators that translate images say of them, in their metadata. */
final class TranslatedImages {

    private static final String MODEL = "djinn.model";
    private static final String WIDTH = "djinn.width";

    private static final String SIZE = "djinn.size";
    private static final String CHANNELS = "djinn.channels";
    private static final String INTERPOLATION = "djinn.interpolation";

    private TranslatedImages() {}

    /**
     * Returns what a file says.
     *
     * @param card of the file
     * @param name what it calls the model
     * @param depthKey what it calls how deep the network is
     * @param depth how deep it is
     */
    static Map<String, String> metadata(TranslatingCard card, String name, String depthKey, int depth) {
        Preprocessing preprocessing = card.preprocessing();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(Card.TASK, card.task());
        metadata.put(MODEL, name);
        metadata.put(SIZE, Integer.toString(preprocessing.height()));
        metadata.put(CHANNELS, Integer.toString(preprocessing.channels()));
        metadata.put(INTERPOLATION, preprocessing.interpolation().name().toLowerCase(Locale.ROOT));
        metadata.put(
                "djinn.input",
                "images of " + (preprocessing.channels() == 1 ? "grey" : "red, green, blue") + ", (N, "
                        + preprocessing.channels() + ", " + preprocessing.height() + ", " + preprocessing.width()
                        + "), float32: the shorter side resized, the centre cut out, value / 127.5 - 1");
        metadata.put(WIDTH, Integer.toString(card.width()));
        metadata.put(depthKey, Integer.toString(depth));
        metadata.put(Card.OUTPUT, card.output());
        return metadata;
    }

    /** Makes a card of what a file says. */
    interface Maker<C extends TranslatingCard> {

        /** Makes it, or throws IllegalArgumentException if the networks cannot be so. */
        C make(Preprocessing preprocessing, int width, int depth);
    }

    /**
     * Returns the card of a file that says what {@link #metadata} gives.
     *
     * @param metadata of the file
     * @param file for messages
     * @param name what it must call the model
     * @param task the task of the runs that write such files
     * @param depthKey what it calls how deep the network is
     * @param maker makes the card
     * @throws DataException if it is of another model, or damaged
     */
    static <C extends TranslatingCard> C card(
            Map<String, String> metadata, Path file, String name, String task, String depthKey, Maker<C> maker) {
        requireModel(name, task, metadata, file);
        try {
            return maker.make(preprocessing(metadata), number(metadata, WIDTH), number(metadata, depthKey));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }

    private static Preprocessing preprocessing(Map<String, String> metadata) {
        Interpolation interpolation = Interpolation.valueOf(
                metadata.getOrDefault(INTERPOLATION, "bilinear").toUpperCase(Locale.ROOT));
        return Preprocessing.asDrawn(number(metadata, SIZE), number(metadata, CHANNELS), interpolation);
    }

    private static int number(Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("expected a whole number as " + key + ", got " + value);
        }
        return Integer.parseInt(value);
    }

    private static void requireModel(String name, String task, Map<String, String> metadata, Path file) {
        if (!name.equals(metadata.get(MODEL))) {
            throw new DataException(file + ": expected the weights of generators that translate images, which say "
                    + MODEL + "=" + name + ", got "
                    + (metadata.containsKey(MODEL) ? metadata.get(MODEL) : "a file that does not say what it is")
                    + "; take best.safetensors of a run whose task is " + task);
        }
    }
}
