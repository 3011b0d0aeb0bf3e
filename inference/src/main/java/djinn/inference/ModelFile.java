package djinn.inference;

import djinn.export.torchscript.TorchScriptFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The file a model is in, and what computes it.
 *
 * @param file weights, an ONNX or a TorchScript file
 * @param engine what computes it
 */
public record ModelFile(Path file, Engine engine) {

    /** What a run's model is called as an ONNX file in its folder. */
    static final String ONNX_OF_RUN = "best.onnx";

    /** What a TorchScript file's metadata are called among its extra files. */
    private static final String SCRIPT_CARD = "djinn.json";

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
        if (!Files.exists(given)) {
            throw new DataException(given + ": there is no such run folder or file" + Nearest.suggestion(given));
        }
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

    /**
     * Returns what the file says of itself.
     *
     * @return {@code djinn.task} and others; empty of a file that says nothing, such as a PyTorch state dict
     * @throws DataException if the file is damaged
     */
    public Map<String, String> metadata() {
        if (script()) {
            return TorchScriptFile.extra(file, SCRIPT_CARD)
                    .map(json -> ModelCard.metadataOf(json, file))
                    .orElse(Map.of());
        } else if (engine == Engine.ONNX) {
            return OnnxFile.read(file).metadata();
        } else if (WeightFile.isPyTorch(file)) {
            return Map.of();
        }
        try (Safetensors weights = Safetensors.open(file)) {
            return weights.metadata();
        }
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

    /** Returns the card of a classifier; refuses a file without one. */
    ModelCard requireClassifierCard() {
        return classifierCard()
                .orElseThrow(() -> new DataException(file
                        + ": does not say which model it belongs to; expected weights saved by djinn, or the model's"
                        + " name"));
    }

    /** Returns whether the file holds weights, rather than a model that computes by itself. */
    public boolean holdsWeights() {
        return engine == Engine.PYTORCH && !script();
    }

    /** Loads a model that computes by itself. */
    Backend openAlone() {
        return engine == Engine.ONNX
                ? OnnxBackend.open(file)
                : ScriptBackend.open(file, ModelInput.of(metadata(), file).batch());
    }

    /** Loads the model, weights into that of a card. */
    Backend open(Card card, Preference preference) {
        return holdsWeights() ? new BlockBackend(LoadedModel.open(file, card, preference)) : openAlone();
    }
}
