package djinn.predict.language;

import djinn.data.text.TokenSequence;
import djinn.data.text.Vocabulary;
import djinn.inference.Gate;
import djinn.inference.ModelFile;
import djinn.inference.text.Continuation;
import djinn.inference.text.TokenModel;
import djinn.inference.text.TokenSampling;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A trained language model that goes on with a text.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open(Path.of("runs/shakespeare_gpt"))) {
 *     String text = generator.generate("ROMEO:", 200, TokenSampling.PLAIN.withTemperature(.8), 1);
 * }
 * }</pre>
 *
 * <p>A model that has learnt where documents end goes on from a prompt as from the beginning of one, and ends it by itself.
 * Of an empty prompt other models go on with a new line.
 *
 * <p>May be used by several threads at once. Closing it waits for the texts under way.
 */
public final class TextGenerator implements AutoCloseable {

    /** So many texts are gone on with together. */
    private static final int BATCH = 32;

    private final LanguageModelCard card;
    private final TokenModel model;
    private final int context;
    private final Gate gate;

    private TextGenerator(LanguageModelCard card, TokenModel model) {
        this.card = card;
        this.model = model;
        context = card.newModel().context().orElse(Integer.MAX_VALUE);
        gate = new Gate("generator", model::close);
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it, which says what the model is
     * @return the generator, to be closed
     * @throws DataException if the file is missing or damaged, or is not one of a language model
     */
    public static TextGenerator open(Path model) {
        return open(ModelFile.of(model, Optional.empty()));
    }

    static TextGenerator open(ModelFile file) {
        LanguageModelCard card = LanguageModelCard.fromMetadata(file.metadata(), file.file());
        return of(card, TokenModel.open(file, card));
    }

    /**
     * Takes a model over that is loaded.
     *
     * @param card what it is
     * @param model is closed with the generator
     * @return the generator, to be closed
     */
    public static TextGenerator of(LanguageModelCard card, TokenModel model) {
        return new TextGenerator(card, model);
    }

    /** Returns what the model is. */
    public LanguageModelCard card() {
        return card;
    }

    /**
     * Goes on with a text.
     *
     * @param prompt the text; an empty one stands for the beginning of a text
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
     * @param prompt the text; an empty one stands for the beginning of a text
     * @param tokens how many tokens are added, at least 0
     * @param sampling how they are drawn
     * @param seed equal seeds give equal texts on one machine
     * @param listener told of each added piece, a character or more
     * @return the added text, without the prompt
     * @throws DataException if the prompt has a character the model does not know
     * @throws IllegalArgumentException if tokens is below 0
     */
    public String generate(String prompt, int tokens, TokenSampling sampling, long seed, Consumer<String> listener) {
        return generate(prompt, new Generation(tokens, sampling, seed, List.of()), listener);
    }

    /**
     * Goes on with a text, and tells each piece as soon as it is whole.
     *
     * <p>The model sees the last tokens alone where there are more than its context holds.
     *
     * @param prompt the text; an empty one stands for the beginning of a text
     * @param generation how
     * @param listener told of each added piece, a character or more
     * @return the added text, without the prompt
     * @throws DataException if the prompt has a character the model does not know
     */
    public String generate(String prompt, Generation generation, Consumer<String> listener) {
        return generate(List.of(prompt), generation, index -> listener).get(0);
    }

    /**
     * Goes on with several texts together, with each as it would be alone but for rounding.
     *
     * @param prompts texts of any lengths; an empty one stands for the beginning of a text
     * @param generation how, and of which seed each is
     * @return the added texts, in order
     * @throws DataException if a prompt has a character the model does not know
     */
    public List<String> generateAll(List<String> prompts, Generation generation) {
        return generate(prompts, generation, index -> piece -> {});
    }

    private List<String> generate(
            List<String> prompts, Generation generation, Function<Integer, Consumer<String>> listeners) {
        List<Text> texts = IntStream.range(0, prompts.size())
                .mapToObj(i -> new Text(known(prompts.get(i)), generation, listeners.apply(i)))
                .toList();
        try (Gate.Entry pass = gate.enter()) {
            for (int i = 0; i < texts.size() && generation.tokens() > 0; i += BATCH) {
                goOn(texts.subList(i, Math.min(texts.size(), i + BATCH)));
            }
        }
        return texts.stream().map(text -> text.text.end()).toList();
    }

    private TokenSequence known(String prompt) {
        Vocabulary vocabulary = card.vocabulary();
        if (prompt.isEmpty()) {
            return card.beginning();
        }
        TokenSequence known = vocabulary.encode(prompt, "prompt");
        if (known.size() == 0) {
            throw new DataException("prompt: expected a text of at least one token, found none in '" + prompt + "'");
        }
        return card.end().isEmpty()
                ? known
                : TokenSequence.of(IntStream.concat(card.beginning().stream(), known.stream())
                        .toArray());
    }

    /**
     * Goes on with all, a token at a time: where a prompt is longer than the shortest, its own tokens are read while the
     * others are drawn. So all are as long as each other, and nothing is filled up.
     */
    private void goOn(List<Text> texts) {
        List<Text> going = texts;
        int read = going.stream().mapToInt(Text::size).min().orElseThrow();
        Continuation continuation = model.begin(windows(going, read));
        try {
            while (true) {
                List<Integer> left = new ArrayList<>();
                for (int i = 0; i < going.size(); i++) {
                    if (going.get(i).goesOn(read, continuation, i)) {
                        left.add(i);
                    }
                }
                if (left.isEmpty()) {
                    return;
                }
                going = left.stream().map(going::get).toList();
                read++;
                if (read > context) {
                    continuation.close();
                    continuation = model.begin(windows(going, read));
                } else {
                    int last = read - 1;
                    continuation.keep(left.stream().mapToInt(i -> i).toArray());
                    continuation.read(
                            going.stream().mapToInt(text -> text.token(last)).toArray());
                }
            }
        } finally {
            continuation.close();
        }
    }

    /** What the model sees of the first tokens: the last of them. */
    private List<TokenSequence> windows(List<Text> texts, int read) {
        int from = Math.max(0, read - context);
        return texts.stream()
                .map(text -> TokenSequence.of(
                        IntStream.range(from, read).map(text::token).toArray()))
                .toList();
    }

    /** One of the texts. Its tokens are counted from the first that the model sees of the prompt. */
    private final class Text {

        private final Generation generation;
        private final int unseen;
        private final int enough;
        private final SplittableRandom random;
        private final GrowingText text;

        Text(TokenSequence known, Generation generation, Consumer<String> listener) {
            this.generation = generation;
            unseen = Math.max(0, known.size() - context);
            enough = Math.addExact(known.size() - unseen, generation.tokens());
            random = new SplittableRandom(generation.seed());
            text = new GrowingText(card.vocabulary(), known, generation.stop(), listener);
        }

        int size() {
            return text.size() - unseen;
        }

        int token(int at) {
            return text.token(unseen + at);
        }

        /** Draws the next token, unless the prompt has it; returns whether another one is wanted. */
        boolean goesOn(int read, Continuation continuation, int row) {
            if (read < size()) {
                return true;
            }
            int end = card.end().orElse(-1);
            // to end is no repetition of the end before
            IntStream there = text.tokens().filter(token -> token != end);
            int token = generation.sampling().draw(continuation.logits(row), there, random);
            return token != end && text.add(token) && size() < enough;
        }
    }

    /** Frees the model; waits for the texts under way in other threads. */
    @Override
    public void close() {
        gate.close();
    }
}
