package djinn.predict.translation;

import djinn.config.RecordBinder;
import djinn.config.Yaml;
import djinn.data.text.SpecialTokens;
import djinn.data.text.Tokenizer;
import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.zoo.language.SequenceToSequence;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the weights of a translator must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.architecture} (what the recipe says of the model, in
 * YAML), {@code djinn.tokenizer} (a tokenizer.json, of both languages) and {@code djinn.longest}.
 *
 * @param model what it is made of
 * @param tokenizer what its tokens are
 * @param longest how many tokens of a sentence it has seen at most
 */
public record TranslationCard(TranslationModel model, Tokenizer tokenizer, int longest) implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "translation";

    private static final String MODEL = "djinn.model";
    private static final String ARCHITECTURE = "djinn.architecture";
    private static final String LONGEST = "djinn.longest";

    private static final RecordBinder BINDER =
            new RecordBinder(Map.of(TranslationModel.class, TranslationModel.table()));

    /** The model under its key, as a recipe has it. */
    record Architecture(TranslationModel model) {}

    @Override
    public String task() {
        return TASK_NAME;
    }

    @Override
    public String output() {
        return "logits, (N, L, K), of what follows each target, one per token of djinn.tokenizer, for sources (N, S), their end"
                + " behind them, targets (N, L) from the start on, and the sources' padding (N, S), 1 at padding; in a file S"
                + " and L are equal";
    }

    @Override
    public SequenceToSequence newModel() {
        return model.newModel(tokenizer.size());
    }

    /** Returns the tokens that stand for no text. */
    public SpecialTokens special() {
        return SpecialTokens.of(tokenizer, "the tokenizer");
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put(MODEL, model.name());
        metadata.put(ARCHITECTURE, BINDER.write(new Architecture(model)));
        metadata.putAll(tokenizer.toMetadata());
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
    public static TranslationCard fromMetadata(Map<String, String> metadata, Path file) {
        String task = metadata.getOrDefault(TASK, "");
        if (!task.equals(TASK_NAME)) {
            throw new DataException(file + ": expected the weights of a translator that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            Architecture architecture =
                    BINDER.bind(Yaml.parse(ARCHITECTURE, Card.required(metadata, ARCHITECTURE)), Architecture.class);
            if (!(Vocabulary.fromMetadata(metadata) instanceof Tokenizer tokenizer)) {
                throw new DataException("expected a tokenizer, found characters");
            }
            String longest = Card.required(metadata, LONGEST);
            if (!longest.matches("[1-9][0-9]{0,8}")) {
                throw new DataException("expected a number as " + LONGEST + ", found '" + longest + "'");
            }
            TranslationCard card = new TranslationCard(architecture.model, tokenizer, Integer.parseInt(longest));
            card.special();
            return card;
        } catch (IllegalArgumentException | DataException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }
}
