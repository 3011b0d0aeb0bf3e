package djinn.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.export.Exporter;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.metrics.Metrics;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.training.ClassTable;
import djinn.training.Product;
import djinn.training.ProductPart;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.exhibit.Exhibit;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run's best weights under the run's own task, whichever that is: to be measured, and to be exported. */
public final class TrainedRun implements AutoCloseable {

    /** What the names of networks' arrays begin with in a checkpoint. */
    private static final String NETWORKS = "model.";

    /** The same of the moving average, which is what is validated. */
    private static final String AVERAGE = "ema.";

    /** Of the input that a product is traced on. */
    private static final int EXAMPLE_SEED = 7;

    private final Recipe recipe;
    private final NDManager manager;
    private final Trained<?> trained;

    /** A task with its networks. */
    private record Trained<B extends Batch>(Task<B> task, NamedBlock model) {
        Metrics validate() {
            return Trainer.validate(task, model);
        }

        Optional<Metrics> test() {
            return task.test().map(data -> Trainer.validate(task, model, data));
        }

        List<Exhibit> exhibits(int pictures) {
            try (PyTorch.Scope here = PyTorch.on(model.device());
                    Autograd.Scope off = Autograd.withoutGradients()) {
                return task.exhibits(model, pictures);
            }
        }

        Product product() {
            return task.product(model);
        }

        Map<String, ProductPart> parts(NDManager owner) {
            return task.parts(model, owner);
        }

        static <B extends Batch> Trained<B> of(Task<B> task, NDManager manager) {
            NamedBlock model = task.newModel();
            model.initialize(manager);
            return new Trained<>(task, model);
        }
    }

    private TrainedRun(Recipe recipe, NDManager manager) {
        this.recipe = recipe;
        this.manager = manager;
        this.trained = Trained.of(recipe.newTask(), manager);
    }

    /**
     * Opens the best weights of a run.
     *
     * @param folder its folder
     * @param overrides of its recipe, such as where its data lies now
     * @return the run, to be closed
     * @throws DataException if there are no such weights yet, or the data is missing
     */
    public static TrainedRun open(RunFolder folder, List<String> overrides) {
        return open(folder, folder.best(), overrides);
    }

    /**
     * Opens weights of a run, such as one of those it kept.
     *
     * @param folder its folder
     * @param best their file
     * @param overrides of its recipe, such as where its data lies now
     * @return the run, to be closed
     * @throws DataException if they are of another model, or the data is missing
     */
    public static TrainedRun open(RunFolder folder, Path best, List<String> overrides) {
        NDManager manager = PyTorch.newManager();
        try (Safetensors file = Safetensors.open(best);
                NDManager reading = manager.newSubManager()) {
            TrainedRun run = new TrainedRun(Recipes.of(folder, overrides), manager);
            if (!run.product().prefix().isEmpty()) {
                run.loadAll(folder.file("last").resolve("checkpoint.safetensors"), reading);
            }
            StateDict.load(run.product().block(), file.readAll(reading), best.toString());
            return run;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** The networks beside the product are those of the newest checkpoint. */
    private void loadAll(Path checkpoint, NDManager reading) {
        try (Safetensors file = Safetensors.open(checkpoint)) {
            Map<String, NDArray> own = new LinkedHashMap<>();
            String networks = file.names().stream().anyMatch(name -> name.startsWith(AVERAGE)) ? AVERAGE : NETWORKS;
            file.readAll(reading).forEach((name, array) -> {
                if (name.startsWith(networks)) {
                    own.put(name.substring(networks.length()), array);
                }
            });
            StateDict.load(trained.model, own, checkpoint.toString());
        }
    }

    /** Returns the recipe. */
    public Recipe recipe() {
        return recipe;
    }

    /** Returns the task. */
    public Task<?> task() {
        return trained.task;
    }

    /** Returns what the weights are of. */
    public Product product() {
        return trained.product();
    }

    /**
     * Measures the run on its held-out data: the best weights of the product, beside other networks as the newest
     * checkpoint has them.
     */
    public Metrics validate() {
        return trained.validate();
    }

    /**
     * Measures the run as {@link #validate()} does, on the data that decides nothing.
     *
     * @throws DataException if the data has no such part
     */
    public Metrics test() {
        return trained.test()
                .orElseThrow(() -> new DataException("expected data with a part to test on, got none in the recipe of"
                        + " this run of the task " + recipe.task()));
    }

    /**
     * Returns what of the model is worth a look, on the held-out data.
     *
     * @param pictures the most pictures or texts of one exhibit
     * @return in the order it is shown
     * @throws DataException if an example cannot be read
     */
    public List<Exhibit> exhibits(int pictures) {
        return trained.exhibits(pictures);
    }

    /**
     * Returns the figures of every class, of what was measured here; empty if the task knows no classes.
     */
    public Optional<ClassTable> perClass(Metrics measured) {
        return trained.task.perClass(measured);
    }

    /**
     * Returns an input of the product, of one example, by which it is traced.
     *
     * @param owner owns the arrays
     * @throws DataException if the task's product cannot be exported
     */
    public NDList productInput(NDManager owner) {
        return trained.task
                .productInput(owner)
                .orElseThrow(() -> new DataException("expected a run whose model can be exported, got one of the task "
                        + recipe.task() + ", whose models cannot"));
    }

    /**
     * Writes the product as ONNX or TorchScript, as {@link Exporter#write} does, with its metadata and those of the
     * settings; axes that the task leaves open are open. Weights alone are {@code Safetensors.write(file, StateDict.of(run.product().block()), ...)}.
     *
     * @param to the file, {@code .onnx} or {@code .pt}
     * @param examples in the batch that is traced; in every batch, where the settings leave that open to none
     * @param settings how
     * @return what came of it
     * @throws IllegalArgumentException if examples is less than 1, or as {@link Exporter#write} says
     * @throws DataException if the task's product cannot be exported, or as {@link Exporter#write} says
     */
    public Exporter.Exported export(Path to, long examples, Exporter.Settings settings) {
        try (NDManager owner = manager.newSubManager()) {
            Randomness.seed(EXAMPLE_SEED);
            NDList input = productInput(owner);
            List<DynamicAxis> open = new ArrayList<>(settings.open());
            trained.task.openAxes().forEach((axis, name) -> open.add(axis(name, axis, input.head())));
            ProductPart whole =
                    new ProductPart(product().block(), input, product().metadata());
            return write(whole, to, examples, settings.withOpen(open.toArray(DynamicAxis[]::new)), owner);
        }
    }

    /**
     * Writes a part of the product, as {@link #export} does the whole.
     *
     * @param part its name
     * @param to the file, {@code .onnx} or {@code .pt}
     * @param examples in the batch that is traced; in every batch, where the settings leave that open to none
     * @param settings how
     * @return what came of it
     * @throws IllegalArgumentException if there is no such part, examples is less than 1, or as {@link Exporter#write} says
     * @throws DataException as {@link Exporter#write} says
     */
    public Exporter.Exported exportPart(String part, Path to, long examples, Exporter.Settings settings) {
        try (NDManager owner = manager.newSubManager()) {
            Randomness.seed(EXAMPLE_SEED);
            return write(part(part, owner), to, examples, settings, owner);
        }
    }

    /**
     * Returns a part of the product, which can be exported by itself.
     *
     * @param name its name, such as {@code decoder}
     * @param owner owns the arrays of its input
     * @throws IllegalArgumentException if there is no such part; the message has the nearest
     */
    public ProductPart part(String name, NDManager owner) {
        Map<String, ProductPart> parts = trained.parts(owner);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("expected no part of a model of the task " + recipe.task()
                    + ", which is exported as a whole, got " + name);
        }
        ProductPart part = parts.get(name);
        if (part == null) {
            throw new IllegalArgumentException(
                    "unknown part '" + name + "', " + Nearest.suggestion(name, parts.keySet(), "expected one of "));
        }
        return part;
    }

    private static Exporter.Exported write(
            ProductPart part, Path to, long examples, Exporter.Settings settings, NDManager owner) {
        if (examples < 1) {
            throw new IllegalArgumentException("expected at least 1 example in a batch, got " + examples);
        }
        Map<String, String> metadata = new LinkedHashMap<>(part.metadata());
        metadata.putAll(settings.options().metadata());
        NDList batch = DynamicTrace.resized(part.input(), List.of(DynamicAxis.BATCH), List.of(examples), owner);
        return Exporter.write(
                part.block(), batch, to, settings.withOptions(settings.options().withMetadata(metadata)));
    }

    /** An axis that is traced at some sizes below the example's, too. */
    private static DynamicAxis axis(String name, int place, NDArray example) {
        long size = example.getShape().get(place);
        return new DynamicAxis(name, place, List.of(size, size - 1, size - 3));
    }

    @Override
    public void close() {
        manager.close();
    }
}
