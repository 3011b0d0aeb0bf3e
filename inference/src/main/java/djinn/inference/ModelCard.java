package djinn.inference;

import djinn.data.Interpolation;
import djinn.data.Normalisation;
import djinn.data.Preprocessing;
import djinn.ops.DataException;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a weights file must say so that it can be used by itself; kept in the file's metadata.
 *
 * @param model the architecture, as the zoo names it
 * @param classes the names of the classes, by index
 * @param preprocessing what is done to every image
 */
public record ModelCard(String model, List<String> classes, Preprocessing preprocessing) implements ImageCard {

    /** From this size on a model is for photos, whose middle is cut out of a larger image: 224 of 256. */
    private static final int PHOTO_SIZE = 96;

    private static final double PHOTO_CROP = 0.875;
    /** The task's name. */
    public static final String CLASSIFICATION = "classification";

    private static final String LOGITS =
            "logits, (N, K), one per class of djinn.classes; a softmax makes probabilities";
    private static final String PREPROCESSING = "djinn.preprocessing";
    private static final String INTERPOLATION = "interpolation";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the classes. */
    public ModelCard {
        classes = List.copyOf(classes);
    }

    @Override
    public String task() {
        return CLASSIFICATION;
    }

    @Override
    public String output() {
        return LOGITS;
    }

    /**
     * Checks that the model is one for classification.
     *
     * @return this
     * @throws IllegalArgumentException if it is for another task, or there is no such model
     */
    ModelCard requireClassifier() {
        ModelEntry entry = Models.named(model);
        if (!entry.task().equals(CLASSIFICATION)) {
            throw new IllegalArgumentException(
                    "expected a model for classification, got " + model + ", which is for " + entry.task());
        }
        return this;
    }

    @Override
    public Optional<ModelEntry> entry() {
        return Optional.of(Models.named(model));
    }

    @Override
    public ArrayBlock newModel() {
        return Models.named(model).build(new ModelOptions(classes.size(), preprocessing.channels()));
    }

    @Override
    public Map<String, String> toMetadata() {
        return toMetadata(ModelInput.USUAL);
    }

    /**
     * Returns the card as metadata of a file: for Djinn, and as {@code djinn.input} in the field's words for others.
     *
     * @param input what the file's model takes
     * @return JSON, but for the model's name
     */
    public Map<String, String> toMetadata(ModelInput input) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, CLASSIFICATION);
        metadata.put("djinn.model", model);
        metadata.put("djinn.classes", JSON.writeValueAsString(classes));
        metadata.put(PREPROCESSING, JSON.writeValueAsString(preprocessing));
        metadata.put(ModelInput.KEY, JSON.writeValueAsString(input.describe(preprocessing)));
        metadata.put(OUTPUT, LOGITS);
        return metadata;
    }

    /**
     * Returns the card that weights saved by Djinn carry.
     *
     * @param weights a file of weights
     * @return empty if the file has none
     * @throws DataException if the file or its card is damaged
     */
    public static Optional<ModelCard> find(Path weights) {
        if (WeightFile.isPyTorch(weights)) {
            return Optional.empty();
        }
        Map<String, String> metadata;
        try (Safetensors file = Safetensors.open(weights)) {
            metadata = file.metadata();
        }
        return fromMetadata(metadata, weights);
    }

    /**
     * Returns the card that weights of a classifier carry.
     *
     * @param weights a file of weights
     * @throws DataException if the file is missing or damaged, or has none
     */
    public static ModelCard require(Path weights) {
        LoadedModel.requireExists(weights);
        return find(weights)
                .orElseThrow(() -> new DataException(weights
                        + ": does not say which model, classes and preprocessing it belongs to; expected weights saved"
                        + " by djinn"));
    }

    /**
     * Returns the card in the metadata of a file, which must have one.
     *
     * @param metadata of weights, of an ONNX or a TorchScript file
     * @param file for the message
     * @throws DataException if there is none, or it is damaged
     */
    public static ModelCard required(Map<String, String> metadata, Path file) {
        return fromMetadata(metadata, file)
                .orElseThrow(() -> new DataException(file
                        + ": does not say which model it belongs to; expected weights saved by djinn, or the model's"
                        + " name"));
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of weights or of an ONNX file
     * @param file for the message
     * @return empty if there is none
     * @throws DataException if the card is damaged
     */
    public static Optional<ModelCard> fromMetadata(Map<String, String> metadata, Path file) {
        if (!metadata.containsKey("djinn.model")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ModelCard(
                    metadata.get("djinn.model"),
                    JSON.readValue(metadata.get("djinn.classes"), new TypeReference<List<String>>() {}),
                    preprocessing(metadata.get(PREPROCESSING))));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + firstLine(e), e);
        }
    }

    /**
     * Returns metadata that were written as one JSON object of texts.
     *
     * @param json the object
     * @param file for the message
     * @throws DataException if it is no such object
     */
    public static Map<String, String> metadataOf(String json, Path file) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JacksonException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + firstLine(e), e);
        }
    }

    private static Preprocessing preprocessing(String json) {
        if (!(JSON.readTree(json) instanceof ObjectNode fields)) {
            throw new IllegalArgumentException("expected an object as " + PREPROCESSING + ", got " + json);
        }
        // of files from before there was a choice
        if (!fields.has(INTERPOLATION)) {
            fields.put(INTERPOLATION, Interpolation.BILINEAR.name());
        }
        return JSON.treeToValue(fields, Preprocessing.class);
    }

    /**
     * Returns a card for weights that have none: the model's own input, ImageNet's normalisation or a half for grey.
     *
     * @param model the architecture
     * @param classes the names of the classes, by index
     * @return the card
     */
    public static ModelCard usual(ModelEntry model, List<String> classes) {
        Normalisation usual = Normalisation.usual(model.channels());
        int size = model.size();
        return new ModelCard(
                model.name(),
                classes,
                new Preprocessing(
                        size,
                        size,
                        model.channels(),
                        usual.mean(),
                        usual.std(),
                        Preprocessing.Fit.CROP,
                        size < PHOTO_SIZE ? 1 : PHOTO_CROP,
                        Interpolation.BILINEAR));
    }

    /**
     * Returns this card if it is that of a model.
     *
     * @param wanted the model's name
     * @param weights the file, for the message
     * @return this
     * @throws DataException if it is not
     */
    public ModelCard requireModel(String wanted, Path weights) {
        if (!model.equals(wanted)) {
            throw new DataException(weights + " holds the weights of " + model + ", expected those of " + wanted);
        }
        return this;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
