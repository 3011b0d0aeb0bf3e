package djinn.inference;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.export.torchscript.FrozenBlock;
import djinn.export.trace.TraceException;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.ModelWeights;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A model of the zoo on the PyTorch engine; its parameters are shared by all calls, and only read.
 *
 * <p>Input of a shape that it was frozen for takes the frozen way, other input the block's own.
 */
final class BlockBackend implements Backend {

    private final Path weights;
    private final NDManager manager;
    private final ArrayBlock model;
    private final List<String> notes;
    private final Map<Shape, FrozenBlock> frozen = new ConcurrentHashMap<>();

    private BlockBackend(Path weights, NDManager manager, ArrayBlock model, List<String> notes) {
        this.weights = weights;
        this.manager = manager;
        this.model = model;
        this.notes = notes;
    }

    /**
     * Loads weights into a model.
     *
     * @throws djinn.ops.DataException if the file is missing, damaged, or does not fit the model
     */
    static BlockBackend open(Path weights, ModelEntry entry, ModelOptions options, Preference preference) {
        NDManager manager = PyTorch.newManager();
        try (NDManager reading = manager.newSubManager()) {
            return open(WeightFile.read(weights, reading, preference), entry, options, manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Loads weights into a model of as many classes and channels as they have. */
    static BlockBackend open(Path weights, ModelEntry entry, Preference preference) {
        NDManager manager = PyTorch.newManager();
        try (NDManager reading = manager.newSubManager()) {
            WeightFile file = WeightFile.read(weights, reading, preference);
            return open(file, entry, options(entry, file, reading), manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static BlockBackend open(WeightFile file, ModelEntry entry, ModelOptions options, NDManager manager) {
        ArrayBlock model = entry.build(options);
        model.initialize(manager);
        ModelWeights.Loaded loaded = ModelWeights.load(file, entry, model, ModelWeights.Use.PREDICT);
        freeze(model);
        return new BlockBackend(file.file(), manager, model, loaded.notes());
    }

    /** Lets no graph be recorded, whatever the mode of the thread. */
    static void freeze(ArrayBlock model) {
        model.freezeParameters(true);
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

    @Override
    public List<Tensor> forward(Tensor input) {
        try (NDManager call = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDList inputs = new NDList(input.toArray(call));
            FrozenBlock quick = input.type() == DataType.FLOAT32 ? frozen.get(sample(input.shape())) : null;
            NDList outputs = quick == null
                    ? model.forward(new ParameterStore(call, false), inputs, false)
                    : quick.forward(inputs);
            return outputs.stream().map(Tensor::of).toList();
        } catch (EngineException e) {
            String reason =
                    String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            throw new IllegalArgumentException(
                    weights + ": the model does not take an input of " + input.type() + " " + input.shape() + ": "
                            + reason,
                    e);
        }
    }

    @Override
    public void freeze(Shape input) {
        frozen.computeIfAbsent(sample(input), shape -> {
            try {
                return FrozenBlock.of(model, new Shape(1).addAll(shape));
            } catch (TraceException e) {
                // no block of the zoo is such; one that were would go on as it is
                return null;
            }
        });
    }

    /** The shape without the batch. */
    private static Shape sample(Shape input) {
        return input.dimension() == 0 ? input : input.slice(1);
    }

    @Override
    public String source() {
        return weights.toString();
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public void close() {
        frozen.values().forEach(FrozenBlock::close);
        manager.close();
    }
}
