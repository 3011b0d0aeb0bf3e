package djinn.training;

import djinn.ops.DataException;
import djinn.training.data.Preprocessing;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;

/**
 * What a weights file must say so that it can be used by itself; kept in the file's metadata.
 *
 * @param model the architecture, as the zoo names it
 * @param classes the names of the classes, by index
 * @param preprocessing what is done to every image
 */
public record ModelCard(String model, List<String> classes, Preprocessing preprocessing) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the classes. */
    public ModelCard {
        classes = List.copyOf(classes);
    }

    /** Builds the model, not initialised. */
    public ArrayBlock newModel() {
        return Models.named(model).build(new ModelOptions(classes.size(), preprocessing.channels()));
    }

    /** Returns the card as metadata of a weights file. */
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("djinn.model", model);
        metadata.put("djinn.classes", JSON.writeValueAsString(classes));
        metadata.put("djinn.preprocessing", JSON.writeValueAsString(preprocessing));
        return metadata;
    }

    /**
     * Reads the card of a weights file.
     *
     * @param source the file, for messages
     * @param metadata the file's metadata
     * @return the card
     * @throws DataException if there is none
     */
    public static ModelCard of(String source, Map<String, String> metadata) {
        try {
            if (metadata.containsKey("djinn.model")) {
                return new ModelCard(
                        metadata.get("djinn.model"),
                        JSON.readValue(metadata.get("djinn.classes"), new TypeReference<List<String>>() {}),
                        JSON.readValue(metadata.get("djinn.preprocessing"), Preprocessing.class));
            }
        } catch (JacksonException | IllegalArgumentException e) {
            throw new DataException(source + ": its description of the model cannot be read: " + firstLine(e), e);
        }
        throw new DataException(source
                + ": does not say which classes and preprocessing it belongs to; expected weights saved by djinn");
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
