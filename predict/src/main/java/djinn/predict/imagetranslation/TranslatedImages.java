package djinn.predict.imagetranslation;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What files of generators that translate images say of the images, in their metadata. */
final class TranslatedImages {

    static final String MODEL = "djinn.model";
    static final String WIDTH = "djinn.width";

    private static final String SIZE = "djinn.size";
    private static final String CHANNELS = "djinn.channels";
    private static final String INTERPOLATION = "djinn.interpolation";

    private TranslatedImages() {}

    static void describe(Preprocessing preprocessing, Map<String, String> metadata) {
        metadata.put(SIZE, Integer.toString(preprocessing.height()));
        metadata.put(CHANNELS, Integer.toString(preprocessing.channels()));
        metadata.put(INTERPOLATION, preprocessing.interpolation().name().toLowerCase(Locale.ROOT));
        metadata.put(
                "djinn.input",
                "images of " + (preprocessing.channels() == 1 ? "grey" : "red, green, blue") + ", (N, "
                        + preprocessing.channels() + ", " + preprocessing.height() + ", " + preprocessing.width()
                        + "), float32: the shorter side resized, the centre cut out, value / 127.5 - 1");
    }

    /** @throws IllegalArgumentException if something is missing or no number */
    static Preprocessing preprocessing(Map<String, String> metadata) {
        int size = number(metadata, SIZE);
        int channels = number(metadata, CHANNELS);
        List<Double> half = Collections.nCopies(channels, .5);
        Interpolation interpolation = Interpolation.valueOf(
                metadata.getOrDefault(INTERPOLATION, "bilinear").toUpperCase(Locale.ROOT));
        return new Preprocessing(size, size, channels, half, half, Preprocessing.Fit.CROP, 1, interpolation);
    }

    /** @throws IllegalArgumentException if it is missing or no number */
    static int number(Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("expected a whole number as " + key + ", got " + value);
        }
        return Integer.parseInt(value);
    }

    static void requireModel(String name, String task, Map<String, String> metadata, Path file) {
        if (!name.equals(metadata.get(MODEL))) {
            throw new DataException(file + ": expected the weights of generators that translate images, which say "
                    + MODEL + "=" + name + ", got "
                    + (metadata.containsKey(MODEL) ? metadata.get(MODEL) : "a file that does not say what it is")
                    + "; take best.safetensors of a run whose task is " + task);
        }
    }

    static DataException damaged(Path file, IllegalArgumentException e) {
        return new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
    }
}
