package djinn.inference;

import djinn.zoo.ModelEntry;
import djinn.zoo.nn.NamedBlock;
import java.util.Map;
import java.util.Optional;

/**
 * What the file of a model must say so that it can be used by itself: kept in its metadata, whether it holds weights, an
 * ONNX or a TorchScript model.
 *
 * <p>Every file says {@code djinn.task}, {@code djinn.model} and {@code djinn.output}; those of images {@code
 * djinn.input} in the field's words too. What else there is depends on the task.
 */
public interface Card {

    /** What metadata call the task. */
    String TASK = "djinn.task";

    /** What metadata call what the model answers. */
    String OUTPUT = "djinn.output";

    /** Returns the task, as recipes call it. */
    String task();

    /** Returns in words what the model answers: its type and shape. */
    String output();

    /** Builds the model, not initialised. */
    NamedBlock newModel();

    /** Returns the model's entry of the zoo, whose names its weights may have; empty for a model of its task's own. */
    default Optional<ModelEntry> entry() {
        return Optional.empty();
    }

    /**
     * Returns what metadata must have.
     *
     * @param metadata of a file
     * @param key of the entry
     * @throws IllegalArgumentException if it is not there
     */
    static String required(Map<String, String> metadata, String key) {
        String text = metadata.get(key);
        if (text == null) {
            throw new IllegalArgumentException("there is no " + key);
        }
        return text;
    }

    /** Returns the card as metadata of a file. */
    Map<String, String> toMetadata();
}
