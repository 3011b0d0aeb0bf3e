package djinn.predict.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.text.CharacterVocabulary;
import djinn.data.text.NumberNames;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.inference.text.TokenModel;
import djinn.inference.text.TokenSampling;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.Gpt;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextGeneratorTest {

    private static final LanguageModelCard CARD = new LanguageModelCard(
            new LanguageNetwork(LanguageNetwork.Name.GPT, 2, 2, 16, OptionalInt.empty(), 16, 0, true),
            CharacterVocabulary.of("abcdefg\n"));

    private static final TokenSampling SAMPLING = TokenSampling.PLAIN.withTopK(5);

    private NDManager manager;
    private Gpt gpt;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Randomness.seed(11);
        gpt = (Gpt) CARD.newModel();
        gpt.initialize(manager);
        // larger than a model starts, so that what is seen matters
        StateDict.of(gpt).values().forEach(array -> array.muli(array.getShape().dimension() > 1 ? 20 : 1));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private List<float[]> whole(List<long[]> rows) {
        try (NDManager call = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(call, false), false);
            List<float[]> logits = new ArrayList<>();
            for (long[] row : rows) {
                logits.add(gpt.forward(call.create(row, new Shape(1, row.length)), pass)
                        .get("0, -1")
                        .toFloatArray());
            }
            return logits;
        }
    }

    /** With keys and values kept, texts are those of a model that reads all again, beyond the context of 16 too. */
    @Test
    void whatIsRememberedChangesNothing() {
        try (TextGenerator remembering = TextGenerator.of(CARD, TokenModel.of(gpt));
                TextGenerator rereading = TextGenerator.of(CARD, TokenModel.rereading(8, this::whole))) {
            for (String prompt : List.of("", "a", "abcabcabcabcabc", "gfedcbagfedcbagfedcba")) {
                for (int seed = 0; seed < 4; seed++) {
                    assertThat(remembering.generate(prompt, 30, SAMPLING, seed))
                            .hasSize(30)
                            .isEqualTo(rereading.generate(prompt, 30, SAMPLING, seed));
                }
            }
        }
    }

    /** Prompts of several lengths, some beyond the context, give what each gives alone. */
    @Test
    void textsTogetherAreThoseAlone() {
        try (TextGenerator generator = TextGenerator.of(CARD, TokenModel.of(gpt))) {
            List<String> prompts = List.of("abc", "", "gfedcbagfedcbagfedcba", "abcabcabcabcabca", "a", "bbbbb", "abc");
            Generation generation =
                    Generation.of(25).withSampling(SAMPLING).withSeed(3).withStop("d", "g");

            List<String> together = generator.generateAll(prompts, generation);

            for (int i = 0; i < prompts.size(); i++) {
                assertThat(together.get(i))
                        .as(prompts.get(i))
                        .isEqualTo(generator.generate(prompts.get(i), generation, piece -> {}));
            }
            assertThat(together.get(6)).isEqualTo(together.get(0));
            assertThat(together.stream().map(String::length).distinct()).hasSizeGreaterThan(1);
            assertThat(generator.generateAll(List.of(), generation)).isEmpty();
            assertThat(generator.generateAll(prompts, Generation.of(0))).containsOnly("");
        }
    }

    /** A text ends before what it stops at, of which nothing is told; what only begins like it is told in the end. */
    @Test
    void aTextStops() {
        try (TextGenerator generator = TextGenerator.of(CARD, TokenModel.of(gpt))) {
            Generation free = Generation.of(40).withSampling(SAMPLING).withSeed(5);
            String all = generator.generate("abc", free, piece -> {});
            String stop = all.substring(7, 10);
            StringBuilder told = new StringBuilder();

            String text = generator.generate("abc", free.withStop("zzz", stop), piece -> told.append(piece));

            assertThat(text).isEqualTo(all.substring(0, all.indexOf(stop))).isEqualTo(told.toString());
            assertThat(generator.generate("abc", free.withStop(all.substring(39) + "z"), piece -> {}))
                    .isEqualTo(all);
        }
        assertThatThrownBy(() -> Generation.of(1).withStop(""))
                .hasMessage("expected texts to stop at of at least one character, got an empty one");
        assertThatThrownBy(() -> Generation.of(-1)).hasMessage("expected a number of tokens of at least 0, got -1");
    }

    /** A model of five letters that says the next letter, and behind d the end; it reads the end before each prompt. */
    @Test
    void aModelEndsItsText() {
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.CHARACTER, 9, 1, List.of(), Optional.empty(), List.of("</s>"));
        try (Tokenizer letters = Tokenizer.of(training.train(Stream.of("abcde")), "letters")) {
            int a = letters.number("a").orElseThrow();
            LanguageModelCard card = new LanguageModelCard(CARD.model(), letters, letters.end());
            List<Long> first = new ArrayList<>();
            TokenModel next = TokenModel.rereading(
                    letters.size(),
                    rows -> rows.stream()
                            .map(row -> {
                                first.add(row[0]);
                                long last = row[row.length - 1];
                                float[] logits = new float[letters.size()];
                                logits[last == 0 ? a : last == a + 3 ? 0 : (int) last + 1] = 50;
                                return logits;
                            })
                            .toList());
            try (TextGenerator generator = TextGenerator.of(card, next)) {
                Generation generation = Generation.of(12).withSampling(TokenSampling.GREEDY.withRepetitionPenalty(1.5));
                assertThat(generator.generateAll(List.of("", "b", "ab", "d"), generation))
                        .containsExactly("abcd", "cd", "cd", "");
                assertThat(first).containsOnly(0L);
            }
            assertThat(LanguageModelCard.fromMetadata(card.toMetadata(), Path.of("x"))
                            .end())
                    .hasValue(0);
            // one that has learnt of no end goes on
            try (TextGenerator generator = TextGenerator.of(new LanguageModelCard(CARD.model(), letters), next)) {
                assertThat(generator.generate("b", 5, TokenSampling.GREEDY, 0)).isEqualTo("cdab");
            }
        }
    }

    @Test
    void aRepetitionPenaltyBringsOthers() {
        try (TextGenerator generator = TextGenerator.of(CARD, TokenModel.of(gpt))) {
            TokenSampling greedy = TokenSampling.GREEDY;
            String plain = generator.generate("abc", 30, greedy, 0);
            String other = generator.generate("abc", 30, greedy.withRepetitionPenalty(1000), 0);
            assertThat(other).isNotEqualTo(plain);
        }
    }

    /** Decoding a few tokens at a time tells what decoding all does, whatever the tokenizer. */
    @ParameterizedTest
    @EnumSource(TokenizerModel.class)
    void textGrowsByItsLastTokens(TokenizerModel model) {
        TokenizerTraining training = new TokenizerTraining(model, 290, 1, List.of(), Optional.empty(), List.of());
        String json = training.train(
                Stream.of(NumberNames.text(), "zw\u00F6lf f\u00FCnf, f\u00FCnf. 5 \uD83D\uDE00 ".repeat(3)));
        try (Tokenizer tokenizer = Tokenizer.of(json, "test")) {
            String prompt = "417 four";
            String later = " hundred seventeen, zw\u00F6lf. f\u00FCnf \uD83D\uDE00 5 9 nine\n12 twelve".repeat(4);
            TokenSequence known = tokenizer.encode(prompt);
            TokenSequence all = tokenizer.encode(prompt + later);
            SplittableRandom random = new SplittableRandom(1);
            IntStream drawn = random.ints(60, 0, tokenizer.size());
            int[] added = IntStream.concat(all.part(known.size(), all.size()).stream(), drawn)
                    .toArray();
            StringBuilder told = new StringBuilder();
            GrowingText text = new GrowingText(tokenizer, known, List.of(), told::append);
            for (int token : added) {
                assertThat(text.add(token)).isTrue();
            }
            assertThat(text.end()).isEqualTo(told.toString());
            String before = tokenizer.decode(known);
            String whole = tokenizer.decode(TokenSequence.of(
                    IntStream.concat(known.stream(), IntStream.of(added)).toArray()));
            assertThat(before + told).isEqualTo(whole);
        }
    }
}
