package djinn.predict.imagetranslation;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.CycleGan;
import djinn.zoo.generative.CycleGan.Direction;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the weights of two generators that translate images must say so that they can be used by themselves.
 *
 * @param preprocessing what is done to every image
 * @param width the generators' channels next to the images
 * @param blocks their residual blocks
 */
public record ImageTranslationCard(Preprocessing preprocessing, int width, int blocks) implements Card {

    /** The task's name. */
    public static final String TASK_NAME = "image_translation";

    /** What metadata call the model. */
    public static final String NAME = "cyclegan";

    private static final String MODEL = "djinn.model";

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

    /** The same file opened for one direction: a pass computes that alone. */
    Card oneWay(Direction direction) {
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
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, NAME);
        metadata.put("djinn.size", Integer.toString(preprocessing.height()));
        metadata.put("djinn.channels", Integer.toString(preprocessing.channels()));
        metadata.put("djinn.interpolation", preprocessing.interpolation().name().toLowerCase(Locale.ROOT));
        metadata.put("djinn.width", Integer.toString(width));
        metadata.put("djinn.blocks", Integer.toString(blocks));
        metadata.put(
                "djinn.input",
                "images of " + (preprocessing.channels() == 1 ? "grey" : "red, green, blue") + ", (N, "
                        + preprocessing.channels() + ", " + preprocessing.height() + ", " + preprocessing.width()
                        + "), float32: the shorter side resized, the centre cut out, value / 127.5 - 1");
        metadata.put(OUTPUT, output());
        return metadata;
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
        if (!NAME.equals(metadata.get(MODEL))) {
            throw new DataException(file + ": expected the weights of generators that translate images, which say "
                    + MODEL + "=" + NAME + ", got "
                    + (metadata.containsKey(MODEL) ? metadata.get(MODEL) : "a file that does not say what it is")
                    + "; take best.safetensors of a run whose task is " + TASK_NAME);
        }
        try {
            int size = number(metadata, "djinn.size");
            int channels = number(metadata, "djinn.channels");
            List<Double> half = Collections.nCopies(channels, .5);
            Interpolation interpolation = Interpolation.valueOf(
                    metadata.getOrDefault("djinn.interpolation", "bilinear").toUpperCase(Locale.ROOT));
            Preprocessing images =
                    new Preprocessing(size, size, channels, half, half, Preprocessing.Fit.CROP, 1, interpolation);
            return new ImageTranslationCard(images, number(metadata, "djinn.width"), number(metadata, "djinn.blocks"));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }

    private static int number(Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("expected a whole number as " + key + ", got " + value);
        }
        return Integer.parseInt(value);
    }
}
