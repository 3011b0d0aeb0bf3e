package djinn.tasks.language;

import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A trained language model that goes on with a text.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open(Path.of("runs/shakespeare_gpt"))) {
 *     String text = generator.generate("ROMEO:", 200, TokenSampling.PLAIN.withTemperature(.8), 1);
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once.
 */
public final class TextGenerator implements AutoCloseable {

    private final LanguageModelCard card;
    private final Predictor<long[], float[]> predictor;

    private TextGenerator(LanguageModelCard card, Predictor<long[], float[]> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it, which says what the model is
     * @return the generator, to be closed
     * @throws DataException if the file is missing or damaged, or is not one of a language model
     */
    public static TextGenerator open(Path model) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        LanguageModelCard card = LanguageModelCard.fromMetadata(file.metadata(), file.file());
        Predictor.Settings settings = Predictor.Settings.USUAL.withFrozen(false);
        return new TextGenerator(
                card, Predictor.open(file, card, traits -> new NextTokenCodec(card, traits), settings, "generator"));
    }

    /** Returns what the model is. */
    public LanguageModelCard card() {
        return card;
    }

    /**
     * Goes on with a text.
     *
     * @param prompt the text; an empty one stands for the beginning of a line
     * @param tokens how many tokens are added, at least 0
     * @param sampling how they are drawn
     * @param seed equal seeds give equal texts on one machine
     * @return the added text, without the prompt
     * @throws DataException if the prompt has a character the model does not know
     * @throws IllegalArgumentException if tokens is below 0
     */
    public String generate(String prompt, int tokens, TokenSampling sampling, long seed) {
        return generate(prompt, tokens, sampling, seed, token -> {});
    }

    /**
     * Goes on with a text, and tells each piece as soon as it is whole.
     *
     * <p>The model sees the last tokens alone where there are more than its context holds.
     *
     * @param prompt the text; an empty one stands for the beginning of a line
     * @param tokens how many tokens are added, at least 0
     * @param sampling how they are drawn
     * @param seed equal seeds give equal texts on one machine
     * @param listener told of each added piece, a character or more
     * @return the added text, without the prompt
     * @throws DataException if the prompt has a character the model does not know
     * @throws IllegalArgumentException if tokens is below 0
     */
    public String generate(String prompt, int tokens, TokenSampling sampling, long seed, Consumer<String> listener) {
        if (tokens < 0) {
            throw new IllegalArgumentException("expected a number of tokens of at least 0, got " + tokens);
        }
        Vocabulary vocabulary = card.vocabulary();
        TokenSequence known = prompt.isEmpty() ? vocabulary.beginning() : vocabulary.encode(prompt, "prompt");
        if (known.size() == 0) {
            throw new DataException("prompt: expected a text of at least one token, found none in '" + prompt + "'");
        }
        long[] all = Arrays.copyOf(known.stream().asLongStream().toArray(), Math.addExact(known.size(), tokens));
        SplittableRandom random = new SplittableRandom(seed);
        GrowingText text = new GrowingText(vocabulary, known, listener);
        for (int end = known.size(); end < all.length; end++) {
            int token = sampling.draw(logits(all, end), random);
            all[end] = token;
            text.add(token);
        }
        return text.end();
    }

    /** Returns the logits (K) of what follows the first tokens. */
    private float[] logits(long[] tokens, int end) {
        int from = Math.max(0, end - card.context());
        return predictor.predict(Arrays.copyOfRange(tokens, from, end));
    }

    /** Frees the model. */
    @Override
    public void close() {
        predictor.close();
    }
}
