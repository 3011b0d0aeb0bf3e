package djinn.predict.language;

import djinn.data.text.MaskTokens;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.language.Bert;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the weights of a model of masked words must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.tokenizer} (a tokenizer.json), {@code
 * djinn.context}, {@code djinn.layers}, {@code djinn.heads}, {@code djinn.width} and {@code djinn.hidden}.
 *
 * @param model the network
 * @param tokenizer what its tokens are
 * @param masks which of them stands for a masked word, and which are words
 */
public record MaskedLanguageModelCard(MaskedLanguageNetwork model, Tokenizer tokenizer, MaskTokens masks)
        implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "masked_language_model";

    private static final String HIDDEN = "djinn.hidden";

    /**
     * A card.
     *
     * @param model the network
     * @param tokenizer what its tokens are
     * @param source what messages call the tokenizer
     * @throws DataException if that has no token for masked words
     */
    public static MaskedLanguageModelCard of(MaskedLanguageNetwork model, Tokenizer tokenizer, String source) {
        return new MaskedLanguageModelCard(model, tokenizer, MaskTokens.of(tokenizer, source));
    }

    /** Returns the words as texts have them, by their numbers; special tokens are none. */
    public SortedMap<Integer, String> words() {
        SortedMap<Integer, String> words = new TreeMap<>();
        for (int token : masks.words()) {
            String text = tokenizer.decode(TokenSequence.of(token));
            // blanks that stand before a word are not of it
            words.put(token, text.isBlank() ? text : text.strip());
        }
        return words;
    }

    /** Returns how many tokens the model sees at most. */
    public int context() {
        return model.context();
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "logits, (N, T, K), of what each token is, one per token of djinn.tokenizer; of tokens, (N, T), int64, "
                + masks.name() + " where one is to be told, and padding, (N, T), int64, 1 behind the text";
    }

    @Override
    public Bert newModel() {
        return model.build(tokenizer.size());
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put("djinn.model", MaskedLanguageNetwork.NAME);
        metadata.putAll(tokenizer.toMetadata());
        metadata.put("djinn.context", Integer.toString(model.context()));
        metadata.put("djinn.layers", Integer.toString(model.layers()));
        metadata.put("djinn.heads", Integer.toString(model.heads()));
        metadata.put("djinn.width", Integer.toString(model.width()));
        metadata.put(HIDDEN, Integer.toString(model.config(tokenizer.size()).hidden()));
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
    public static MaskedLanguageModelCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(
                    file + ": expected the weights of a model of masked words that Djinn trained, found "
                            + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            if (!(Vocabulary.fromMetadata(metadata) instanceof Tokenizer tokenizer)) {
                throw new IllegalArgumentException("its tokens are characters, expected those of a tokenizer");
            }
            MaskedLanguageNetwork model = new MaskedLanguageNetwork(
                    number(metadata, "djinn.layers"),
                    number(metadata, "djinn.heads"),
                    number(metadata, "djinn.width"),
                    number(metadata, HIDDEN),
                    number(metadata, "djinn.context"));
            return of(model, tokenizer, "djinn.tokenizer");
        } catch (IllegalArgumentException | DataException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }

    private static int number(Map<String, String> metadata, String key) {
        String text = Card.required(metadata, key);
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("expected a number as " + key + ", found '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
