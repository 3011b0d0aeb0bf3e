package djinn.predict.language;

import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import djinn.inference.Card;
import djinn.ops.DataException;
import djinn.predict.language.LanguageNetwork.Name;
import djinn.zoo.language.Gpt;
import djinn.zoo.language.LanguageModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the weights of a language model must say so that they can be used by themselves; kept in the file's metadata.
 *
 * <p>The keys are {@code djinn.task}, {@code djinn.model}, {@code djinn.vocabulary} (all characters in their order)
 * or {@code djinn.tokenizer} (a tokenizer.json), {@code djinn.context}, {@code djinn.layers}, {@code djinn.heads}, {@code
 * djinn.width} and {@code djinn.tied}; a recurrent model has {@code djinn.hidden} in place of heads, a gpt whose
 * positions are not learned {@code djinn.positions}. {@code djinn.end} is
 * there where the model has learnt where documents end.
 *
 * @param model the network
 * @param vocabulary what its tokens are
 * @param end the token that ended the documents it has learnt of; empty if they had no end
 */
public record LanguageModelCard(LanguageNetwork model, Vocabulary vocabulary, OptionalInt end) implements Card {

    /** The name of the task. */
    public static final String TASK_NAME = "language_model";

    private static final String END = "djinn.end";
    private static final String POSITIONS = "djinn.positions";

    /** Checks that the end is a token. */
    public LanguageModelCard {
        if (end.orElse(0) < 0 || end.orElse(0) >= vocabulary.size()) {
            throw new IllegalArgumentException(
                    "expected an end from 0 to below " + vocabulary.size() + ", got " + end.getAsInt());
        }
    }

    /**
     * A card of a model that knows no end.
     *
     * @param model the network
     * @param vocabulary what its tokens are
     */
    public LanguageModelCard(LanguageNetwork model, Vocabulary vocabulary) {
        this(model, vocabulary, OptionalInt.empty());
    }

    /** Returns what stands before a text of which nothing is known yet: where documents end, the end of another. */
    public TokenSequence beginning() {
        return end.isPresent() ? TokenSequence.of(end.getAsInt()) : vocabulary.beginning();
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

    /** Returns how many tokens the model sees at most. */
    public int context() {
        return model.context();
    }

    @Override
    public LanguageModel newModel() {
        return model.build(vocabulary.size());
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, TASK_NAME);
        metadata.put("djinn.model", model.name().text());
        metadata.putAll(vocabulary.toMetadata());
        metadata.put("djinn.context", Integer.toString(model.context()));
        metadata.put("djinn.layers", Integer.toString(model.layers()));
        if (model.name() == Name.GPT) {
            metadata.put("djinn.heads", Integer.toString(model.heads()));
            if (model.positions() != Gpt.Positions.LEARNED) {
                metadata.put(POSITIONS, LanguageNetwork.positionsText(model.positions()));
            }
        } else {
            metadata.put("djinn.hidden", Integer.toString(model.hidden().orElse(model.width())));
        }
        metadata.put("djinn.width", Integer.toString(model.width()));
        metadata.put("djinn.tied", Boolean.toString(model.tied()));
        end.ifPresent(token -> metadata.put(END, Integer.toString(token)));
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
        Optional<Name> name = Arrays.stream(Name.values())
                .filter(known -> known.text().equals(metadata.get("djinn.model")))
                .findFirst();
        if (!task.equals(TASK_NAME) || name.isEmpty()) {
            throw new DataException(file + ": expected the weights of a language model that Djinn trained, found "
                    + (task.isEmpty() ? "others" : "those of the task " + task));
        }
        try {
            Vocabulary vocabulary = Vocabulary.fromMetadata(metadata);
            boolean attends = name.get() == Name.GPT;
            int context = number(metadata, "djinn.context");
            LanguageNetwork model = new LanguageNetwork(
                    name.get(),
                    number(metadata, "djinn.layers"),
                    attends ? number(metadata, "djinn.heads") : 1,
                    number(metadata, "djinn.width"),
                    attends ? OptionalInt.empty() : OptionalInt.of(number(metadata, "djinn.hidden")),
                    context,
                    0,
                    Boolean.parseBoolean(Card.required(metadata, "djinn.tied")),
                    positions(metadata.get(POSITIONS)));
            OptionalInt end = metadata.containsKey(END) ? OptionalInt.of(number(metadata, END)) : OptionalInt.empty();
            return new LanguageModelCard(model, vocabulary, end);
        } catch (IllegalArgumentException | DataException e) {
            throw new DataException(file + ": its description of the model cannot be read: " + e.getMessage(), e);
        }
    }

    /** What older files do not say is learned. */
    private static Gpt.Positions positions(String text) {
        return Arrays.stream(Gpt.Positions.values())
                .filter(one -> LanguageNetwork.positionsText(one).equals(text == null ? "learned" : text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected learned, sinusoidal or relative as " + POSITIONS + ", found '" + text + "'"));
    }

    private static int number(Map<String, String> metadata, String key) {
        String text = Card.required(metadata, key);
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("expected a number as " + key + ", found '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
