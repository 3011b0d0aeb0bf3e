package djinn.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Feed;
import djinn.metrics.Metrics;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a trainer trains: networks, data, what is lowered, and what is told of it.
 *
 * @param <B> what a batch is
 */
public interface Task<B extends Batch> {

    /** Builds all networks as one block, not initialised. */
    NamedBlock newModel();

    /**
     * Gives a new run's model the weights it starts from, where they are not those it was initialised with.
     *
     * @param model the initialised model
     * @return a line about what was done; empty if nothing was loaded
     * @throws djinn.ops.DataException if the weights are missing or do not fit
     */
    default Optional<String> startFrom(NamedBlock model) {
        return Optional.empty();
    }

    /** Returns the examples to learn from, changed at random. */
    Feed<B> training();

    /** Returns the held-out examples, in a fixed order. */
    Feed<B> heldOut();

    /** Returns examples that decide nothing, in a fixed order, to be measured on at the very end; empty if there are none. */
    default Optional<Feed<B>> test() {
        return Optional.empty();
    }

    /** Returns what a step is made of: at least one turn, in the order they are taken. */
    List<Turn<B>> turns();

    /**
     * Runs the model on a held-out batch, without recording gradients. What is drawn at random is the same each time.
     *
     * @param model all networks
     * @param batch the batch, of at least one example
     * @param owner owns all arrays
     * @param pass the pass
     * @return what the figures are told
     */
    Outcome evaluate(NamedBlock model, B batch, NDManager owner, Pass pass);

    /**
     * Is told that all held-out batches were evaluated: adds to the figures what is of the model as a whole, such as of
     * examples that it makes. Gradients are not recorded.
     *
     * @param model all networks
     * @param data the examples that were looked at
     * @param figures of all their batches, which {@link #newFigures()} made
     */
    default void evaluated(NamedBlock model, Feed<B> data, Figures<B> figures) {}

    /** Returns figures that have seen nothing yet. */
    Figures<B> newFigures();

    /**
     * Returns the figures of every class.
     *
     * @param figures of all, which {@link #newFigures()} made; may have seen nothing
     * @return empty if the task knows no classes
     */
    default Optional<ClassTable> perClass(Metrics figures) {
        return Optional.empty();
    }

    /** Returns which of the figures tells the best weights. */
    Goal goal();

    /** Returns what is handed on of a model. */
    Product product(NamedBlock model);

    /**
     * Returns an input of the product, of one example, by which it is traced for an export.
     *
     * @param owner owns the arrays
     * @return the arrays, batch first; empty if the product cannot be exported
     */
    default Optional<NDList> productInput(NDManager owner) {
        return Optional.empty();
    }

    /**
     * Returns which axes of the product's inputs may have other sizes than in {@link #productInput}, beside that of
     * examples.
     *
     * @return what their sizes are called, by their places, from 1 on; none if they are fixed
     */
    default Map<Integer, String> openAxes() {
        return Map.of();
    }

    /**
     * Returns the parts of the product that can be exported by themselves, by their names.
     *
     * @param model all networks
     * @param owner owns the arrays
     * @return none if it has no such parts
     */
    default Map<String, ProductPart> parts(NamedBlock model, NDManager owner) {
        return Map.of();
    }

    /** Returns a digest of the data: a run that goes on with other data says so. */
    String dataFingerprint();

    /** Returns the data that was left out because it could not be read, and why. */
    default Map<String, String> skipped() {
        return Map.of();
    }

    /** Returns what examples are called, in the plural: {@code images}. */
    default String examples() {
        return "examples";
    }

    /** Returns what there is to learn from, a line each. */
    default List<String> summary() {
        return List.of();
    }

    /** Returns the names and contents of further files of a run's folder, written when it is made. */
    default Map<String, String> files() {
        return Map.of();
    }

    /**
     * Checks before a run goes on that the task is still what its folder says, such as {@link #files()}.
     *
     * @param folder the run's
     * @throws djinn.ops.DataException if it is not, with what to do
     */
    default void requireSame(Path folder) {}

    /**
     * Is told of a step that was taken.
     *
     * @param model all networks
     * @param step its number, from 1 on
     */
    default void afterStep(NamedBlock model, long step) {}

    /**
     * Is told of an epoch that was trained and validated; here a sheet of samples is drawn. Gradients are not recorded.
     *
     * @param shown all networks as they were validated
     * @param epoch from 0 on
     * @param folder the run's
     */
    default void afterEpoch(NamedBlock shown, int epoch, Path folder) {}

    /**
     * Is told of the end: here pictures are made.
     *
     * @param best the figures of the best weights, which {@link #newFigures()} made
     * @param folder the run's
     */
    default void conclude(Metrics best, Path folder) {}

    /**
     * Returns what of a trained model is worth a look, on the held-out examples: its mistakes, the worst first, curves,
     * samples, what the augmentations make of the examples. Gradients are not recorded.
     *
     * @param model all networks, as they are validated
     * @param pictures the most pictures or texts of one exhibit
     * @return in the order it is shown; none if the task has nothing beyond its figures
     * @throws djinn.ops.DataException if an example cannot be read
     */
    default List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return List.of();
    }
}
