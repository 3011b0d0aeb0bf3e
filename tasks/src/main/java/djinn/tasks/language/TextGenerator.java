package djinn.tasks.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.text.TokenSequence;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.Gpt;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A trained language model that goes on with a text.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open(Path.of("runs/shakespeare_gpt/best.safetensors"))) {
 *     String text = generator.generate("ROMEO:", 200, TokenSampling.PLAIN.withTemperature(.8), 1);
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once.
 */
public final class TextGenerator implements AutoCloseable {

    private final LanguageModelCard card;
    private final Gpt model;
    private final NDManager manager;

    private TextGenerator(LanguageModelCard card, Gpt model, NDManager manager) {
        this.card = card;
        this.model = model;
        this.manager = manager;
    }

    /**
     * Opens a model.
     *
     * @param weights {@code best.safetensors} of a run, which says what the model is
     * @return the generator, to be closed
     * @throws djinn.ops.DataException if the file is missing or damaged, or is not one of a language model
     */
    public static TextGenerator open(Path weights) {
        LanguageModelCard card = LanguageModelCard.read(weights);
        NDManager manager = PyTorch.newManager();
        try (Safetensors file = Safetensors.open(weights);
                NDManager reading = manager.newSubManager()) {
            Gpt model = card.newModel();
            model.initialize(manager);
            StateDict.load(model, file.readAll(reading), weights.toString());
            return new TextGenerator(card, model, manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
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
        try (NDManager step = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray seen = step.create(Arrays.copyOfRange(tokens, from, end), new Shape(1, end - from)); // (1, T)
            return model.forwardLast(seen, new Pass(new ParameterStore(manager, false), false))
                    .toFloatArray();
        }
    }

    /** Frees the model. */
    @Override
    public void close() {
        manager.close();
    }
}
