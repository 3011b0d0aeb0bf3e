package djinn.inference;

import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing;
import djinn.export.torchscript.TorchScriptFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.weights.Preference;
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
record ModelFile(Path file, Engine engine) {

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
    static ModelFile of(Path given, Optional<Engine> wanted) {
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

    /** Returns the card the file carries. */
    Optional<ModelCard> card() {
        return script()
                ? ModelCard.fromMetadata(ofScript(), file)
                : engine == Engine.ONNX
                        ? ModelCard.fromMetadata(OnnxFile.read(file).metadata(), file)
                        : ModelCard.find(file);
    }

    /**
     * Checks that the file is not one of another task, which would answer nonsense.
     *
     * @throws DataException if it says that it is
     */
    void requireClassifier() {
        Map<String, String> metadata = script()
                ? ofScript()
                : engine == Engine.ONNX ? OnnxFile.read(file).metadata() : Map.of(ModelCard.TASK, ModelCard.task(file));
        String task = metadata.getOrDefault(ModelCard.TASK, ModelCard.CLASSIFICATION);
        if (!task.equals(ModelCard.CLASSIFICATION)) {
            throw new DataException(file + ": expected a classifier, got a model of the task " + task);
        }
    }

    /** Whether it is a TorchScript file. */
    boolean script() {
        return engine == Engine.PYTORCH && TorchScriptFile.isTorchScript(file);
    }

    private Map<String, String> ofScript() {
        return TorchScriptFile.extra(file, SCRIPT_CARD)
                .map(json -> ModelCard.metadataOf(json, file))
                .orElse(Map.of());
    }

    /** Loads a TorchScript file. */
    ScriptBackend openScript() {
        return ScriptBackend.open(file, ModelInput.of(ofScript(), file).batch());
    }

    /** Loads the model for images. */
    Backend open(ModelCard card, Preference preference) {
        if (script()) {
            return openScript();
        }
        if (engine == Engine.PYTORCH) {
            ModelEntry entry = Models.named(card.model());
            if (!entry.task().equals("classification")) {
                throw new IllegalArgumentException(
                        "expected a model for classification, got " + card.model() + ", which is for " + entry.task());
            }
            ModelOptions options =
                    new ModelOptions(card.classes().size(), card.preprocessing().channels());
            return BlockBackend.open(file, entry, options, preference);
        }
        OnnxBackend backend = OnnxBackend.open(file);
        if (!takes(backend, card.preprocessing())) {
            backend.close();
            Preprocessing images = card.preprocessing();
            String size = images.height() + ", " + images.width();
            throw new DataException(file + ": takes inputs of " + backend.inputShape() + ", expected (N, "
                    + (backend.takesPixels() ? size + ", " + images.channels() : images.channels() + ", " + size)
                    + ") as the preprocessing makes them; give the preprocessing it was exported with");
        }
        return backend;
    }

    private static boolean takes(OnnxBackend backend, Preprocessing images) {
        Shape input = backend.inputShape();
        int channels = backend.takesPixels() ? 3 : 1;
        int rows = backend.takesPixels() ? 1 : 2;
        return input.dimension() == 4
                && free(input.get(channels), images.channels())
                && free(input.get(rows), images.height())
                && free(input.get(rows + 1), images.width());
    }

    private static boolean free(long extent, int wanted) {
        return extent < 0 || extent == wanted;
    }
}
