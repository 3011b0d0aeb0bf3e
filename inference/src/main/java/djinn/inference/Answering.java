package djinn.inference;

import djinn.zoo.ModelEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    /**
     * Opens a model that answers texts.
     *
     * @param file its file
     * @param settings how
     * @return the model, to be closed; empty if the task's models are asked about something else
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     */
    default Optional<Predictor<String, ? extends Answer>> texts(ModelFile file, Predictor.Settings settings) {
        return Optional.empty();
    }

    /**
     * Opens a model that makes images.
     *
     * @param file its file
     * @param settings how; the batch is the model's own
     * @return the model, to be closed; empty if the task's models make none
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     */
    default Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.empty();
    }

    /** Returns the names of the task's models that are of a table of its own, and not of the zoo's. */
    default Set<String> models() {
        return Set.of();
    }

    /**
     * Returns what a model of the zoo is where its weights do not say: its classes and what is done to images.
     *
     * @param model a model of this task
     * @param classes the names of the classes; the usual ones if empty
     */
    default ModelCard usual(ModelEntry model, List<String> classes) {
        return ModelCard.usual(model, classes);
    }

    /**
     * Returns the task's card of a model of the zoo, all that it may leave open as is usual.
     *
     * @param model which model, its classes and what is done to images
     */
    default Card card(ModelCard model) {
        return model;
    }

    /**
     * Opens weights that do not say what they are.
     *
     * @param file their file
     * @param model which model they are of
     * @param settings how
     * @return the model, to be closed; empty if the task's models are not of the zoo, or asked about something else
     * @throws djinn.ops.DataException if the file is damaged, or does not fit the model
     */
    default Optional<ImagePredictor<?>> images(ModelFile file, ModelCard model, Predictor.Settings settings) {
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
