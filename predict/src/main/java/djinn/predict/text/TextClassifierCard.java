package djinn.predict.text;

import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.language.TextScorer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the weights of a classifier of texts must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.extents} (the model's keys as recipes have them,
 * JSON), {@code djinn.tokenizer} (a tokenizer.json), {@code djinn.classes} (their names, JSON) and {@code djinn.longest}.
 *
 * @param model the network
 * @param tokenizer what its tokens are
 * @param classes the names of the classes, by index
 * @param longest the most tokens of a text
 */
public record TextClassifierCard(TextClassifierModel model, Tokenizer tokenizer, List<String> classes, int longest)
        implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "text_classification";

    private static final String MODEL = "djinn.model";
    private static final String EXTENTS = "djinn.extents";
    private static final String CLASSES = "djinn.classes";
    private static final String LONGEST = "djinn.longest";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Copies the list. */
    public TextClassifierCard {
        classes = List.copyOf(classes);
    }

    /** Returns the tokens of a text that the model looks at, {@link #longest} at most. */
    public TokenSequence tokens(String text) {
        TokenSequence tokens = tokenizer.encode(text);
        return tokens.part(0, Math.min(tokens.size(), longest));
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "logits, (N, K), one per class of djinn.classes, of tokens of djinn.tokenizer, (N, T), int64, and padding,"
                + " (N, T), int64, 1 behind the text; a softmax makes probabilities";
    }

    @Override
    public TextScorer newModel() {
        return model.build(tokenizer.size(), classes.size(), longest);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, model.name());
        metadata.put(EXTENTS, JSON.writeValueAsString(model));
        metadata.putAll(tokenizer.toMetadata());
        metadata.put(CLASSES, JSON.writeValueAsString(classes));
        metadata.put(LONGEST, Integer.toString(longest));
        metadata.put(OUTPUT, output());
        return metadata;
    }

    /**
     * Returns the card in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @param file for the message
     * @return the card
     * @throws DataException if there is none, or it is damaged
     */
    public static TextClassifierCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected the weights of a classifier of texts that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            Class<? extends Record> type = TextClassifierModel.table().get(Card.required(metadata, MODEL));
            if (type == null) {
                throw new IllegalArgumentException("there is no model '" + metadata.get(MODEL) + "'");
            }
            if (!(Vocabulary.fromMetadata(metadata) instanceof Tokenizer tokenizer)) {
                throw new IllegalArgumentException("its tokens are characters, expected those of a tokenizer");
            }
            return new TextClassifierCard(
                    (TextClassifierModel) JSON.readValue(Card.required(metadata, EXTENTS), type),
                    tokenizer,
                    JSON.readValue(Card.required(metadata, CLASSES), new TypeReference<List<String>>() {}),
                    Integer.parseInt(Card.required(metadata, LONGEST)));
        } catch (IllegalArgumentException | DataException | JacksonException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new DataException(file + ": its description of the model cannot be read: " + reason, e);
        }
    }
}
