package djinn.predict.translation;

import djinn.data.text.SpecialTokens;
import djinn.data.text.TokenSequence;
import djinn.inference.Gate;
import djinn.inference.ModelFile;
import djinn.inference.text.Decoding;
import djinn.inference.text.Hypothesis;
import djinn.inference.text.TokenModel;
import djinn.ops.DataException;
import djinn.predict.text.AttentionPicture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A trained translator.
 *
 * <pre>{@code
 * try (TextTranslator translator = TextTranslator.open(Path.of("runs/tatoeba_transformer"))) {
 *     String french = translator.translate("How are you?");
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once. Closing it waits for the calls under way.
 */
public final class TextTranslator implements AutoCloseable {

    /** How many sentences are translated together. */
    private static final int TOGETHER = 32;

    private static final int SHOWN = 20;
    private static final List<Translation> NOTHING = List.of(new Translation("", 0, 0, true));

    private final TranslationCard card;
    private final SpecialTokens special;
    private final TokenModel model;
    private final Gate gate;

    private TextTranslator(TranslationCard card, TokenModel model) {
        this.card = card;
        this.model = model;
        special = card.special();
        gate = new Gate("translator", model::close);
    }

    /**
     * Opens a model.
     *
     * @param run the folder of a run, or a safetensors file of it, or an ONNX file that {@code djinn export --steps} wrote,
     *     its encoder beside it; each says what the model is
     * @return the translator, to be closed
     * @throws DataException if the file is missing or damaged, or holds no translator's weights
     */
    public static TextTranslator open(Path run) {
        return open(ModelFile.of(run, Optional.empty()));
    }

    static TextTranslator open(ModelFile file) {
        TranslationCard card = TranslationCard.fromMetadata(file.metadata(), file.file());
        return of(card, TokenModel.open(file, card, card.special().start()));
    }

    /**
     * Takes a model over that is loaded.
     *
     * @param card what it is
     * @param model is closed with the translator
     * @return the translator, to be closed
     */
    public static TextTranslator of(TranslationCard card, TokenModel model) {
        return new TextTranslator(card, model);
    }

    /** Returns what the model is. */
    public TranslationCard card() {
        return card;
    }

    /**
     * Translates a sentence, as {@link Decoding#USUAL} says.
     *
     * @param sentence the text; of a blank one, an empty translation
     * @return the best translation
     * @throws DataException if it is longer than any the model has seen
     */
    public String translate(String sentence) {
        return translate(sentence, Decoding.USUAL).get(0).text();
    }

    /**
     * Translates a sentence.
     *
     * @param sentence the text; of a blank one, an empty translation
     * @param decoding how
     * @return as many translations as asked for, or as there are; the best first
     * @throws DataException if it is longer than any the model has seen
     */
    public List<Translation> translate(String sentence, Decoding decoding) {
        return translateAll(List.of(sentence), decoding).get(0);
    }

    /**
     * Translates sentences, some of like length together.
     *
     * @param sentences any number
     * @param decoding how
     * @return the translations of each, in order, as {@link #translate(String, Decoding)} gives them
     * @throws DataException if one is longer than any the model has seen
     */
    public List<List<Translation>> translateAll(List<String> sentences, Decoding decoding) {
        try (Gate.Entry pass = gate.enter()) {
            return translated(sentences, decoding);
        }
    }

    /**
     * Checks that a sentence can be translated.
     *
     * @param sentence the text
     * @param name what the message calls it, such as its file and line
     * @throws DataException if it is longer than any the model has seen
     */
    public void require(String sentence, String name) {
        tokens(sentence, name);
    }

    /**
     * Translates a sentence, and draws what of it each token of the best translation was made of.
     *
     * @param sentence the text, not blank
     * @param decoding how
     * @param picture a PNG file, which is replaced when it is complete
     * @return the best translation
     * @throws DataException if the sentence is blank, or longer than any the model has seen, or the model is one that does not
     *     tell, such as an ONNX file
     */
    public Translation drawAttention(String sentence, Decoding decoding, Path picture) {
        try (Gate.Entry pass = gate.enter()) {
            TokenSequence source = tokens(sentence, "translator");
            if (source.size() == 0) {
                throw new DataException("expected a text to draw the attention of, got a blank one");
            }
            Hypothesis best = SentenceSearch.search(model, List.of(source), special, decoding)
                    .get(0)
                    .get(0);
            TokenSequence read = special.ended(source);
            TokenSequence made = special.ended(best.tokens());
            float[] shares = model.attention(read, best.tokens())
                    .orElseThrow(
                            () -> new DataException("expected weights, such as a run's best.safetensors, to draw the"
                                    + " attention of: a file of steps does not tell it"));
            AttentionPicture.draw(names(read), names(made), shares, picture);
            return Translation.of(best, card.tokenizer());
        }
    }

    /** What tokens are by themselves; special ones by their names. */
    private List<String> names(TokenSequence tokens) {
        Map<Integer, String> all = card.tokenizer().tokens();
        return tokens.stream()
                .mapToObj(token -> {
                    String text =
                            card.tokenizer().decode(TokenSequence.of(token)).strip();
                    return text.isEmpty() ? all.get(token) : text;
                })
                .toList();
    }

    private List<List<Translation>> translated(List<String> sentences, Decoding decoding) {
        List<TokenSequence> sources = sentences.stream()
                .map(sentence -> tokens(sentence, "translator"))
                .toList();
        int[] order = IntStream.range(0, sources.size())
                .boxed()
                .filter(n -> !sentences.get(n).isBlank())
                .sorted(Comparator.comparingInt(n -> sources.get(n).size()))
                .mapToInt(n -> n)
                .toArray();
        List<List<Translation>> all = new ArrayList<>(Collections.nCopies(sentences.size(), NOTHING));
        for (int from = 0; from < order.length; from += TOGETHER) {
            int[] some = Arrays.copyOfRange(order, from, Math.min(order.length, from + TOGETHER));
            List<List<Hypothesis>> found = SentenceSearch.search(
                    model, IntStream.of(some).mapToObj(sources::get).toList(), special, decoding);
            for (int i = 0; i < some.length; i++) {
                all.set(
                        some[i],
                        found.get(i).stream()
                                .map(one -> Translation.of(one, card.tokenizer()))
                                .toList());
            }
        }
        return all;
    }

    private TokenSequence tokens(String sentence, String name) {
        String text = sentence.strip();
        TokenSequence tokens = card.tokenizer().encode(text);
        if (tokens.size() > card.longest()) {
            throw new DataException(name + ": expected a text of at most " + card.longest()
                    + " tokens, as the model has learnt of, got " + tokens.size() + " in '"
                    + text.substring(0, Math.min(text.length(), SHOWN)) + "...'; cut it into sentences");
        }
        return tokens;
    }

    /** Waits for the calls under way, and frees the model. */
    @Override
    public void close() {
        gate.close();
    }
}
