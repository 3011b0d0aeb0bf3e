package djinn.tasks.language;

import djinn.data.text.TokenSequence;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
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
     * @throws djinn.ops.DataException if the file is missing or damaged, or is not one of a language model
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
     * @param tokens how many characters are added, at least 0
     * @param sampling how they are drawn
     * @param seed equal seeds give equal texts on one machine
     * @return the added characters, without the prompt
     * @throws djinn.ops.DataException if the prompt has a character the model does not know
     * @throws IllegalArgumentException if tokens is below 0
     */
    public String generate(String prompt, int tokens, TokenSampling sampling, long seed) {
        return generate(prompt, tokens, sampling, seed, token -> {});
    }

    /**
     * Goes on with a text, and tells each character as soon as it is there.
     *
     * <p>The model sees the last tokens alone where there are more than its context holds.
     *
     * @param prompt the text; an empty one stands for the beginning of a line
     * @param tokens how many characters are added, at least 0
     * @param sampling how they are drawn
     * @param seed equal seeds give equal texts on one machine
     * @param listener told of each added character
     * @return the added characters, without the prompt
     * @throws djinn.ops.DataException if the prompt has a character the model does not know
     * @throws IllegalArgumentException if tokens is below 0
     */
    public String generate(String prompt, int tokens, TokenSampling sampling, long seed, Consumer<String> listener) {
        if (tokens < 0) {
            throw new IllegalArgumentException("expected a number of tokens of at least 0, got " + tokens);
        }
        TokenSequence known = card.vocabulary().encode(prompt.isEmpty() ? start() : prompt, "prompt");
        long[] all = Arrays.copyOf(known.stream().asLongStream().toArray(), Math.addExact(known.size(), tokens));
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        for (int end = known.size(); end < all.length; end++) {
            int token = sampling.draw(logits(all, end), random);
            all[end] = token;
            String character = card.vocabulary().decode(token);
            text.append(character);
            listener.accept(character);
        }
        return text.toString();
    }

    /** A line feed; where no text had one, its first character in the order of the vocabulary. */
    private String start() {
        return card.vocabulary().characters().indexOf('\n') >= 0
                ? "\n"
                : card.vocabulary().decode(0);
    }

    /** Returns the logits (K) of what follows the first tokens. */
    private float[] logits(long[] tokens, int end) {
        int from = Math.max(0, end - card.config().context());
        return predictor.predict(Arrays.copyOfRange(tokens, from, end));
    }

    /** Frees the model. */
    @Override
    public void close() {
        predictor.close();
    }
}
