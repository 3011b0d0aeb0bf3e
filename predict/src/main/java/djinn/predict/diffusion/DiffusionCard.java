package djinn.predict.diffusion;

import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.generative.CosineSchedule;
import djinn.zoo.generative.DiffusionUNet;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the weights of a diffusion model must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.extents} (what varies in the network, JSON), {@code
 * djinn.steps} (of the cosine schedule) and {@code djinn.classes} (their names, JSON).
 *
 * @param extents what varies in the network
 * @param schedule how much noise there is at each step
 * @param classes the names of the classes that it is told of; none if it is not
 */
public record DiffusionCard(DiffusionUNet.Config extents, CosineSchedule schedule, List<String> classes)
        implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "diffusion";

    /** What the network is called. */
    public static final String MODEL_NAME = "diffusion_unet";

    private static final String MODEL = "djinn.model";
    private static final String EXTENTS = "djinn.extents";
    private static final String STEPS = "djinn.steps";
    private static final String CLASSES = "djinn.classes";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Copies the names, of which there must be as many as the network knows classes. */
    public DiffusionCard {
        classes = List.copyOf(classes);
        if (classes.size() != extents.classes()) {
            throw new IllegalArgumentException(
                    "expected names of " + extents.classes() + " classes, got " + classes.size());
        }
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "the noise, (N, C, H, W), in images under noise, (N, C, H, W), from -1 to 1 without it, at steps (N), int64, of a"
                + " cosine schedule of djinn.steps" + (classes.isEmpty() ? "" : ", and numbers of classes (N), int64");
    }

    @Override
    public DiffusionUNet newModel() {
        return new DiffusionUNet(extents);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, MODEL_NAME);
        metadata.put(EXTENTS, JSON.writeValueAsString(extents));
        metadata.put(STEPS, Integer.toString(schedule.steps()));
        metadata.put(CLASSES, JSON.writeValueAsString(classes));
        metadata.put(OUTPUT, output());
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the file
     * @param file for messages
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static DiffusionCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected a diffusion model of images that Djinn trained, found "
                    + (task.isEmpty() ? "a file that does not say what it is" : "a model of the task " + task));
        }
        try {
            return new DiffusionCard(
                    JSON.readValue(Card.required(metadata, EXTENTS), DiffusionUNet.Config.class),
                    new CosineSchedule(Integer.parseInt(Card.required(metadata, STEPS))),
                    JSON.readValue(Card.required(metadata, CLASSES), new TypeReference<List<String>>() {}));
        } catch (IllegalArgumentException | JacksonException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new DataException(file + ": its description of the model cannot be read: " + reason, e);
        }
    }
}
