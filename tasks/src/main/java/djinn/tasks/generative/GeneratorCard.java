package djinn.tasks.generative;

import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.SmallGan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the weights of a generator of images must say so that they can be used by themselves.
 *
 * @param task the task of its run
 * @param config the images' channels and size, the random vectors' length
 */
public record GeneratorCard(String task, SmallGan.Config config) implements Card {

    private static final String MODEL = "djinn.model";
    private static final String NAME = "small_gan";

    @Override
    public String output() {
        return "images, (N, C, H, W), float32, from -1 to 1, of random vectors (N, L) that are normally distributed";
    }

    @Override
    public SmallGan.Generator newModel() {
        return new SmallGan.Generator(config);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, task);
        metadata.put(MODEL, NAME);
        metadata.put("djinn.channels", Integer.toString(config.channels()));
        metadata.put("djinn.size", Integer.toString(config.size()));
        metadata.put("djinn.latent", Integer.toString(config.latent()));
        metadata.put("djinn.width", Integer.toString(config.width()));
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
    public static GeneratorCard fromMetadata(Map<String, String> metadata, Path file) {
        if (!NAME.equals(metadata.get(MODEL))) {
            throw new DataException(file + ": expected the weights of a generator of images, which say " + MODEL + "="
                    + NAME + ", got "
                    + (metadata.containsKey(MODEL) ? metadata.get(MODEL) : "a file that does not say what it is")
                    + "; take best.safetensors of a run whose task is gan");
        }
        try {
            return new GeneratorCard(
                    metadata.getOrDefault(TASK, "gan"),
                    new SmallGan.Config(
                            number(file, metadata, "djinn.channels"),
                            number(file, metadata, "djinn.size"),
                            number(file, metadata, "djinn.latent"),
                            number(file, metadata, "djinn.width")));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": " + e.getMessage(), e);
        }
    }

    private static int number(Path file, Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[0-9]{1,6}")) {
            throw new DataException(file + ": expected a whole number as " + key + ", got " + value
                    + "; the file is damaged or not from djinn");
        }
        return Integer.parseInt(value);
    }
}
