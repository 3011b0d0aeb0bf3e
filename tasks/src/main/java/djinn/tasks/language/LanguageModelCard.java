package djinn.tasks.language;

import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.Gpt;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the weights of a language model must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.vocabulary} (all characters in their order)
 * or {@code djinn.tokenizer} (a tokenizer.json), {@code djinn.context}, {@code djinn.layers}, {@code djinn.heads}, {@code
 * djinn.width} and {@code djinn.tied}.
 *
 * @param config of the model
 * @param vocabulary what its tokens are
 */
public record LanguageModelCard(Gpt.Config config, Vocabulary vocabulary) implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "language_model";

    /** The name of the network. */
    static final String MODEL = "gpt";

    /** Checks that the model has a logit for each token. */
    public LanguageModelCard {
        if (config.vocabulary() != vocabulary.size()) {
            throw new IllegalArgumentException(
                    "expected a model of " + vocabulary.size() + " tokens, got one of " + config.vocabulary());
        }
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "logits, (N, T, K), of what follows each token, one per token of "
                + String.join(", ", vocabulary.toMetadata().keySet());
    }

    @Override
    public Gpt newModel() {
        return new Gpt(config);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put("djinn.model", MODEL);
        metadata.putAll(vocabulary.toMetadata());
        metadata.put("djinn.context", Integer.toString(config.context()));
        metadata.put("djinn.layers", Integer.toString(config.layers()));
        metadata.put("djinn.heads", Integer.toString(config.heads()));
        metadata.put("djinn.width", Integer.toString(config.width()));
        metadata.put("djinn.tied", Boolean.toString(config.tied()));
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
    public static LanguageModelCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME) || !MODEL.equals(metadata.get("djinn.model"))) {
            throw new DataException(file + ": expected the weights of a language model that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            Vocabulary vocabulary = Vocabulary.fromMetadata(metadata);
            Gpt.Config config = new Gpt.Config(
                    vocabulary.size(),
                    number(metadata, "djinn.context"),
                    number(metadata, "djinn.layers"),
                    number(metadata, "djinn.heads"),
                    number(metadata, "djinn.width"),
                    0,
                    Boolean.parseBoolean(text(metadata, "djinn.tied")),
                    Gpt.Activation.GELU);
            return new LanguageModelCard(config, vocabulary);
        } catch (IllegalArgumentException | DataException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }

    private static String text(Map<String, String> metadata, String key) {
        String text = metadata.get(key);
        if (text == null) {
            throw new IllegalArgumentException("there is no " + key);
        }
        return text;
    }

    private static int number(Map<String, String> metadata, String key) {
        String text = text(metadata, key);
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("expected a number as " + key + ", found '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
