package djinn.predict.text;

import djinn.data.text.Tokenizer;
import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.nn.NamedBlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What vectors of words must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.tokenizer} (a tokenizer.json) and {@code
 * djinn.width}.
 *
 * @param tokenizer what the words are
 * @param width D, the length of a vector
 */
public record WordEmbeddingCard(Tokenizer tokenizer, int width) implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "embedding_of_words";

    /** The name of the model. */
    public static final String MODEL = "word_vectors";

    private static final String WIDTH = "djinn.width";

    /** Returns the words that have vectors, by their numbers. */
    public Map<Integer, String> words() {
        Map<Integer, String> words = new TreeMap<>(tokenizer.tokens());
        tokenizer.unknown().ifPresent(words::remove);
        return words;
    }

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "cosines, (N, K), of the words' vectors, whose numbers in djinn.tokenizer are the input, (N), int64, and those"
                + " of all words";
    }

    @Override
    public NamedBlock newModel() {
        return new WordSimilarity(tokenizer.size(), width);
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put("djinn.model", MODEL);
        metadata.putAll(tokenizer.toMetadata());
        metadata.put(WIDTH, Integer.toString(width));
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
    public static WordEmbeddingCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected vectors of words that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "weights of the task " + task));
        }
        try {
            String width = metadata.getOrDefault(WIDTH, "");
            if (!width.matches("[1-9][0-9]{0,8}")
                    || !(Vocabulary.fromMetadata(metadata) instanceof Tokenizer tokenizer)) {
                throw new DataException("expected a tokenizer and a number as " + WIDTH + ", found '" + width + "'");
            }
            return new WordEmbeddingCard(tokenizer, Integer.parseInt(width));
        } catch (DataException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }
}
