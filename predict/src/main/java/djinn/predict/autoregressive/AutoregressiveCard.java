package djinn.predict.autoregressive;

import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.PixelModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the weights of a model of pixels must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.extents} (the model's keys as recipes have them,
 * JSON), {@code djinn.levels}, {@code djinn.channels}, {@code djinn.size} and, of a model that is told them, {@code
 * djinn.classes} (their names, JSON).
 *
 * @param model the network
 * @param levels of the values
 * @param channels C of the images
 * @param size their height and width
 * @param classes the names of the classes that it is told of, by number; none if it is not
 */
public record AutoregressiveCard(PixelNetwork model, PixelLevels levels, int channels, int size, List<String> classes)
        implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "autoregressive";

    private static final String MODEL = "djinn.model";
    private static final String EXTENTS = "djinn.extents";
    private static final String LEVELS = "djinn.levels";
    private static final String CHANNELS = "djinn.channels";
    private static final String SIZE = "djinn.size";
    private static final String CLASSES = "djinn.classes";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Copies the list. */
    public AutoregressiveCard {
        classes = List.copyOf(classes);
    }

    /** Returns how many values an image has. */
    public int values() {
        return channels * size * size;
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "logits, (N, " + levels.count() + ", " + channels + ", " + size + ", " + size
                + "), of each value's level, told by the values before it alone; of images (N, " + channels + ", "
                + size
                + ", " + size + "), float32, level q as 2 q / " + (levels.count() - 1) + " - 1"
                + (classes.isEmpty() ? "" : ", and numbers of djinn.classes, (N), int64");
    }

    @Override
    public PixelModel newModel() {
        return model.build(channels, levels.count(), classes.size());
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, model.name());
        metadata.put(EXTENTS, JSON.writeValueAsString(model));
        metadata.put(LEVELS, Integer.toString(levels.count()));
        metadata.put(CHANNELS, Integer.toString(channels));
        metadata.put(SIZE, Integer.toString(size));
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
     * @param file for the message
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static AutoregressiveCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected the weights of a model of pixels that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            Class<? extends Record> type = PixelNetwork.table().get(Card.required(metadata, MODEL));
            if (type == null) {
                throw new IllegalArgumentException("there is no model '" + metadata.get(MODEL) + "'");
            }
            return new AutoregressiveCard(
                    (PixelNetwork) JSON.readValue(Card.required(metadata, EXTENTS), type),
                    new PixelLevels(Integer.parseInt(Card.required(metadata, LEVELS))),
                    Integer.parseInt(Card.required(metadata, CHANNELS)),
                    Integer.parseInt(Card.required(metadata, SIZE)),
                    Optional.ofNullable(metadata.get(CLASSES))
                            .map(names -> JSON.readValue(names, new TypeReference<List<String>>() {}))
                            .orElse(List.of()));
        } catch (IllegalArgumentException | JacksonException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new DataException(file + ": its description of the model cannot be read: " + reason, e);
        }
    }
}
