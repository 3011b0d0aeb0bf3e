package djinn.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.ModelWeights;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
     * Weights of a model of the zoo that say nothing of themselves.
     *
     * @param name the model's
     * @param options how many classes and channels it is for
     */
    private record ZooCard(String name, ModelOptions options) implements Card {

        @Override
        public String task() {
            return Models.named(name).task();
        }

        @Override
        public String output() {
            return "the model's own";
        }

        @Override
        public ArrayBlock newModel() {
            return Models.named(name).build(options);
        }

        @Override
        public Optional<ModelEntry> entry() {
            return Optional.of(Models.named(name));
        }

        @Override
        public Map<String, String> toMetadata() {
            return Map.of(TASK, task(), "djinn.model", name);
        }
    }

    /**
     * Opens a classifier, or a file that computes by itself.
     *
     * @param model the folder of a run, weights saved by Djinn, a TorchScript or an ONNX file
     * @param engine what computes it; empty leaves that to the file
     * @return the model, to be closed
     * @throws DataException if it is missing or damaged, or weights do not say what they are
     * @throws IllegalArgumentException if it is not for the engine
     */
    public static TensorModel open(Path model, Optional<Engine> engine) {
        ModelFile file = ModelFile.of(model, engine);
        return file.holdsWeights()
                ? open(file, ModelCard.required(file.metadata(), file.file()))
                : new TensorModel(file.openAlone());
    }

    /**
     * Opens a model of any task.
     *
     * @param file its file
     * @param card what it says it is
     * @return the model, to be closed
     * @throws DataException if the file is damaged or does not fit the card
     */
    public static TensorModel open(ModelFile file, Card card) {
        return new TensorModel(file.open(card, Preference.EMA));
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
        ModelEntry entry = Models.named(model);
        try (NDManager reading = PyTorch.newManager()) {
            WeightFile file = WeightFile.read(weights, reading, preference);
            ZooCard card = new ZooCard(model, options(entry, file, reading));
            return new TensorModel(new BlockBackend(LoadedModel.open(file, card)));
        }
    }

    /** Where weights differ from the model as its paper has it, in the extents that mean classes or channels. */
    private static ModelOptions options(ModelEntry entry, WeightFile file, NDManager reading) {
        try (NDManager trial = reading.newSubManager()) {
            ArrayBlock usual = entry.build();
            usual.initialize(trial);
            Map<String, NDArray> given = ModelWeights.named(file, entry, usual).arrays();
            int classes = entry.classes();
            int channels = entry.channels();
            for (Map.Entry<String, NDArray> own : StateDict.of(usual).entrySet()) {
                Shape expected = own.getValue().getShape();
                NDArray array = given.get(own.getKey());
                if (array == null || array.getShape().dimension() != expected.dimension()) {
                    continue;
                }
                Shape found = array.getShape();
                if (expected.dimension() > 0 && expected.get(0) == entry.classes() && expected.get(0) != found.get(0)) {
                    classes = Math.toIntExact(found.get(0));
                }
                if (expected.dimension() == 4
                        && expected.get(1) == entry.channels()
                        && expected.get(1) != found.get(1)) {
                    channels = Math.toIntExact(found.get(1));
                }
            }
            return new ModelOptions(classes, channels);
        }
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
        return forward(new NDList(input));
    }

    /**
     * Runs a model of several inputs.
     *
     * @param inputs what the model takes, in its order, at least one; stay the caller's
     * @return the outputs in the model's order, owned by the first input's manager
     * @throws IllegalArgumentException if the model does not take the inputs
     * @throws IllegalStateException if the model is closed
     */
    public NDList forward(NDList inputs) {
        try (Gate.Entry pass = gate.enter()) {
            NDList outputs = new NDList();
            backend.forward(inputs.stream().map(Tensor::of).toList())
                    .forEach(output -> outputs.add(output.toArray(inputs.getManager())));
            return outputs;
        }
    }

    /** Closes the model; waits for the calls under way in other threads. */
    @Override
    public void close() {
        gate.close();
    }
}
