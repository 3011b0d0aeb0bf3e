package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.weights.Preference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model of any task, arrays in and arrays out, without preprocessing or classes.
 *
 * <p>Any number of threads may call it at once. Closing it waits for the calls under way; later ones fail with an {@link
 * IllegalStateException}.
 */
public final class TensorModel implements AutoCloseable {

    private final Backend backend;
    private final Gate gate;

    private TensorModel(Backend backend) {
        this.backend = backend;
        this.gate = new Gate("model", backend::close);
    }

    /**
     * Opens a model that says what it is.
     *
     * @param model the folder of a run, weights saved by Djinn, a TorchScript file, or an ONNX file of one input
     * @param engine what computes it; empty leaves that to the file
     * @return the model, to be closed
     * @throws DataException if it is missing or damaged, or weights do not say what they are
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static TensorModel open(Path model, Optional<Engine> engine) {
        ModelFile file = ModelFile.of(model, engine);
        if (file.engine() == Engine.ONNX) {
            return new TensorModel(OnnxBackend.open(file.file()));
        }
        if (file.script()) {
            return new TensorModel(file.openScript());
        }
        ModelCard card = file.card()
                .orElseThrow(() -> new DataException(file.file()
                        + ": does not say which model it belongs to; expected weights saved by djinn, or the model's"
                        + " name"));
        ModelOptions options =
                new ModelOptions(card.classes().size(), card.preprocessing().channels());
        return new TensorModel(BlockBackend.open(file.file(), Models.named(card.model()), options, Preference.EMA));
    }

    /**
     * Opens weights from elsewhere; how many classes and channels they are for, their shapes tell.
     *
     * @param model the architecture's name in the zoo
     * @param weights a safetensors file or a PyTorch state dict
     * @return the model, to be closed
     * @throws DataException if the file is missing, damaged or does not fit the model
     * @throws IllegalArgumentException if there is no such model
     */
    public static TensorModel open(String model, Path weights) {
        return open(model, weights, Preference.EMA);
    }

    /**
     * Opens weights from elsewhere; how many classes and channels they are for, their shapes tell.
     *
     * @param model the architecture's name in the zoo
     * @param weights a safetensors file or a PyTorch state dict
     * @param preference which weights are taken where there are averaged and plain ones
     * @return the model, to be closed
     * @throws DataException if the file is missing, damaged or does not fit the model
     * @throws IllegalArgumentException if there is no such model
     */
    public static TensorModel open(String model, Path weights, Preference preference) {
        return new TensorModel(BlockBackend.open(weights, Models.named(model), preference));
    }

    /** Returns what was taken off names, chosen and left out when the weights were loaded, a line each. */
    public List<String> notes() {
        return backend.notes();
    }

    /**
     * Prepares for inputs of a shape: on the PyTorch engine, later calls take about half the time, and answer the same up
     * to rounding. It takes as long as a few calls.
     *
     * @param input such as (1, 3, 224, 224); of any first extent
     * @return this model
     * @throws IllegalArgumentException if the model does not take such an input
     * @throws IllegalStateException if the model is closed
     */
    public TensorModel freeze(Shape input) {
        try (Gate.Entry pass = gate.enter()) {
            backend.freeze(input);
            return this;
        }
    }

    /**
     * Runs the model.
     *
     * @param input what the model takes, as (N, C, H, W) for one of images; stays the caller's
     * @return the outputs in the model's order, owned by the input's manager
     * @throws IllegalArgumentException if the model does not take the input
     * @throws IllegalStateException if the model is closed
     */
    public NDList forward(NDArray input) {
        try (Gate.Entry pass = gate.enter()) {
            NDList outputs = new NDList();
            backend.forward(Tensor.of(input)).forEach(output -> outputs.add(output.toArray(input.getManager())));
            return outputs;
        }
    }

    /** Closes the model; waits for the calls under way in other threads. */
    @Override
    public void close() {
        gate.close();
    }
}
