package djinn.inference;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the trained models of a task answer. */
public interface Answering {

    /**
     * Returns what a file says its model is.
     *
     * @param metadata of the file
     * @param file for messages
     * @throws djinn.ops.DataException if they are damaged, or not of this task
     */
    Card card(Map<String, String> metadata, Path file);

    /**
     * Opens a model that answers images.
     *
     * @param file its file
     * @param settings how
     * @return the model, to be closed; empty if the task's models are asked about something else
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     */
    default Optional<ImagePredictor<?>> images(ModelFile file, Predictor.Settings settings) {
        return Optional.empty();
    }

    /** Returns which of an answer's {@linkplain Answer#fields fields} a table of answers has; none without such tables. */
    default List<String> columns() {
        return List.of();
    }

    /** Returns what the {@linkplain Answer#pictures pictures} of an answer are called; none if there are none. */
    default List<String> pictures() {
        return List.of();
    }
}
