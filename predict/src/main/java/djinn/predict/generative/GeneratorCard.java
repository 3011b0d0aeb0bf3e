package djinn.predict.generative;

import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.Gan;
import djinn.zoo.generative.GanNetworks;
import djinn.zoo.nn.NamedBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the weights of a generator of images must say so that they can be used by themselves.
 *
 * @param task the task of its run
 * @param networks what recipes call the networks
 * @param drawing what builds them
 * @param extents the images' channels and size, the random vectors' length
 * @param classes the names of the classes that it is told of; none if it is not
 */
public record GeneratorCard(
        String task, String networks, GanNetworks drawing, GanNetworks.Extents extents, List<String> classes)
        implements Card {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MODEL = "djinn.model";
    private static final String CLASSES = "djinn.classes";

    /** Copies the names. */
    public GeneratorCard {
        classes = List.copyOf(classes);
    }

    @Override
    public String output() {
        return "images, (N, C, H, W), float32, from -1 to 1, of random vectors (N, L) that are normally distributed"
                + (classes.isEmpty() ? "" : ", and numbers of classes (N)");
    }

    @Override
    public NamedBlock newModel() {
        return Gan.generator(drawing, extents, classes.size());
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, task);
        metadata.put(MODEL, networks);
        metadata.put("djinn.channels", Integer.toString(extents.channels()));
        metadata.put("djinn.size", Integer.toString(extents.size()));
        metadata.put("djinn.latent", Integer.toString(extents.latent()));
        metadata.put("djinn.width", Integer.toString(extents.width()));
        if (!classes.isEmpty()) {
            metadata.put(CLASSES, JSON.writeValueAsString(classes));
        }
        metadata.put(OUTPUT, output());
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @param file for messages
     * @param table the networks there are, by name
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    static GeneratorCard fromMetadata(Map<String, String> metadata, Path file, Map<String, GanNetworks> table) {
        String networks = metadata.get(MODEL);
        if (networks == null || !table.containsKey(networks)) {
            throw new DataException(file + ": expected the weights of a generator of images, which say " + MODEL
                    + ", one of " + String.join(", ", table.keySet()) + ", got "
                    + (networks == null ? "a file that does not say what it is" : networks)
                    + "; take best.safetensors of a run whose task is gan");
        }
        try {
            return new GeneratorCard(
                    metadata.getOrDefault(TASK, "gan"),
                    networks,
                    table.get(networks),
                    new GanNetworks.Extents(
                            number(file, metadata, "djinn.channels"),
                            number(file, metadata, "djinn.size"),
                            number(file, metadata, "djinn.latent"),
                            number(file, metadata, "djinn.width")),
                    Optional.ofNullable(metadata.get(CLASSES))
                            .map(names -> JSON.readValue(names, new TypeReference<List<String>>() {}))
                            .orElse(List.of()));
        } catch (IllegalArgumentException | JacksonException e) {
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
