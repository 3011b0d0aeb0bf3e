package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.metrics.Metrics;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.Map;
import java.util.Optional;

/** What a trainer trains: a model, its data, its loss and its figures. */
public interface Task {

    /** Builds the model, not initialised. */
    NamedBlock newModel();

    /**
     * Gives a new run's model the weights it starts from, where they are not those it was initialised with.
     *
     * @param model the initialised model
     * @return a line about what was done; empty if nothing was loaded
     * @throws djinn.ops.DataException if the weights are missing or do not fit
     */
    Optional<String> startFrom(NamedBlock model);

    /** Returns the number of batches in an epoch. */
    int batchesPerEpoch();

    /**
     * Returns how many images a training batch has if all of them can be read; all batches but the last have as many.
     *
     * @param index its place in the epoch, from 0 on
     */
    int batchSize(int index);

    /**
     * Starts an epoch.
     *
     * @param epoch from 0 on
     * @param first the batch to begin with
     * @return its batches, changed at random
     */
    Batches trainingBatches(int epoch, int first);

    /** Returns the held-out batches, in a fixed order. */
    Batches validationBatches();

    /** Returns figures that have seen nothing yet. */
    Metrics newMetrics();

    /**
     * Runs the model on a batch.
     *
     * @param model the model
     * @param batch the batch
     * @param manager owns all arrays of the step
     * @param pass the pass
     * @param metrics told of the result
     * @return the mean loss, a scalar
     */
    NDArray loss(NamedBlock model, Batch batch, NDManager manager, Pass pass, Metrics metrics);

    /** Returns the name of the validation figure that is to grow. */
    String objective();

    /** Returns what a weights file must say so that it can be used without the recipe. */
    Map<String, String> modelMetadata();

    /** Returns a digest of the data's names and labels. */
    String dataFingerprint();

    /** Returns the data that was left out because it could not be read, and why. */
    Map<String, String> skipped();
}
