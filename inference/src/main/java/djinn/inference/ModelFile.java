package djinn.inference;

import djinn.export.Exporter;
import djinn.export.torchscript.TorchScriptFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/** The file a model is in, and what computes it. What the file says of itself is read once. */
public final class ModelFile {

    /** What a run's model is called as an ONNX file in its folder. */
    static final String ONNX_OF_RUN = "best.onnx";

    private final Path file;
    private final Engine engine;
    private Map<String, String> metadata;
    private OnnxFile onnx;

    private ModelFile(Path file, Engine engine) {
        this.file = file;
        this.engine = engine;
    }

    /**
     * Finds the file.
     *
     * @param given the folder of a run, weights, or an ONNX file
     * @param wanted what is to compute it; empty leaves that to the file
     * @throws DataException if there is none
     * @throws IllegalArgumentException if the file is not for the engine
     */
    public static ModelFile of(Path given, Optional<Engine> wanted) {
        if (Files.isDirectory(given)) {
            if (!Files.isRegularFile(given.resolve("recipe.yaml"))) {
                throw new DataException(given + ": expected the folder of a run, with recipe.yaml in it; it has none");
            }
            Engine engine = wanted.orElse(Engine.PYTORCH);
            Path file = engine == Engine.PYTORCH ? WeightSource.ofRun(given) : given.resolve(ONNX_OF_RUN);
            if (engine == Engine.ONNX && !Files.isRegularFile(file)) {
                throw new DataException(
                        file + ": expected the run's model as an ONNX file, there is none; write it with"
                                + " 'djinn export'");
            }
            return new ModelFile(file, engine);
        }
        LoadedModel.requireExists(given);
        Engine own = OnnxFile.isOnnx(given) ? Engine.ONNX : Engine.PYTORCH;
        if (wanted.isPresent() && wanted.get() != own) {
            throw new IllegalArgumentException(
                    own == Engine.ONNX
                            ? "expected weights for the engine PyTorch, got the ONNX file " + given
                            : "expected an .onnx file for the engine ONNX, got " + given
                                    + "; write one with 'djinn export'");
        }
        return new ModelFile(given, own);
    }

    /** Returns the file: weights, an ONNX or a TorchScript file. */
    public Path file() {
        return file;
    }

    /** Returns what computes the model. */
    public Engine engine() {
        return engine;
    }

    /**
     * Returns what the file says of itself.
     *
     * @return {@code djinn.task} and others; empty of a file that says nothing, such as a PyTorch state dict
     * @throws DataException if the file is damaged
     */
    public synchronized Map<String, String> metadata() {
        if (metadata == null) {
            metadata = Collections.unmodifiableMap(read());
        }
        return metadata;
    }

    private Map<String, String> read() {
        if (script()) {
            return TorchScriptFile.extra(file, Exporter.METADATA)
                    .map(json -> ModelCard.metadataOf(json, file))
                    .orElse(Map.of());
        } else if (engine == Engine.ONNX) {
            return onnx().metadata();
        } else if (WeightFile.isPyTorch(file)) {
            return Map.of();
        }
        try (Safetensors weights = Safetensors.open(file)) {
            return weights.metadata();
        }
    }

    /** Returns what an ONNX file says of itself, its weights looked through. */
    synchronized OnnxFile onnx() {
        if (onnx == null) {
            onnx = OnnxFile.read(file);
        }
        return onnx;
    }

    /**
     * Returns the task that the file says its model is of.
     *
     * @return classification where nothing does, as in files from before there were others
     * @throws DataException if the file is damaged
     */
    public String task() {
        return metadata().getOrDefault(Card.TASK, ModelCard.CLASSIFICATION);
    }

    /**
     * Checks that the file is not one of another task, which would answer nonsense.
     *
     * @param wanted the task
     * @param name what its models are called: {@code a classifier}
     * @return this
     * @throws DataException if it says that it is
     */
    public ModelFile requireTask(String wanted, String name) {
        String task = task();
        if (!task.equals(wanted)) {
            throw new DataException(file + ": expected " + name + ", got a model of the task " + task);
        }
        return this;
    }

    /** Returns the card of a classifier that the file carries. */
    Optional<ModelCard> classifierCard() {
        return ModelCard.fromMetadata(metadata(), file);
    }

    /** Whether it is a TorchScript file. */
    boolean script() {
        return engine == Engine.PYTORCH && TorchScriptFile.isTorchScript(file);
    }

    /** Returns whether the file holds weights, rather than a model that computes by itself. */
    public boolean holdsWeights() {
        return engine == Engine.PYTORCH && !script();
    }

    /** Loads a model that computes by itself. */
    Backend openAlone() {
        return engine == Engine.ONNX
                ? OnnxBackend.open(file, onnx())
                : ScriptBackend.open(file, ModelInput.of(metadata(), file).batch());
    }

    /** Loads the model, weights into that of a card. */
    Backend open(Card card, Preference preference) {
        return holdsWeights() ? new BlockBackend(LoadedModel.open(file, card, preference)) : openAlone();
    }
}
