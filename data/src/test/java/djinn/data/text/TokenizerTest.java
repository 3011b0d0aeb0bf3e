package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokenizers made here, read by Hugging Face's library. */
class TokenizerTest {

    /** Blanks of several kinds, accents whole and in two, signs, figures, two alphabets more, a character beyond 16 bits. */
    private static final List<String> TEXTS = List.of(
            "The quick brown fox can't jump over 13 lazy dogs, it's  said.",
            "Der flinke braune Fuchs springt \u00fcber 13 faule Hunde.\n\tZwei Zeilen \u2014 \u00abmit\u00bb Zeichen!",
            "Le vif renard brun saute par-dessus les chiens; \u00e7a co\u00fbte 5\u00a0\u20ac.",
            "e\u0301te\u0301 \u4e2d\u6587\u5b57 \ud83e\udd8a \u0130stanbul \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03a3 \ufb01n x\u00b2 _a_b 3.14",
            "[UNK] a b  c   d \n\n e");

    @TempDir
    private Path folder;

    private static TokenizerTraining training(TokenizerModel model, int vocabulary) {
        return new TokenizerTraining(model, vocabulary, 1, List.of(), Optional.empty(), List.of());
    }

    private static Tokenizer trained(TokenizerTraining training, List<String> texts) {
        return Tokenizer.of(training.train(texts.stream()), "trained");
    }

    /** Counts by hand: low 5 times, lower 2, newest 6, widest 3. Of pairs as frequent, the lower numbers come first. */
    @Test
    void theMostFrequentPairIsMergedFirst() {
        String text = Stream.of("low ".repeat(5), "lower ".repeat(2), "newest ".repeat(6), "widest ".repeat(3))
                .collect(Collectors.joining());
        String json = new TokenizerTraining(TokenizerModel.BPE, 12 + 6, 2, List.of(), Optional.empty(), List.of())
                .train(Stream.of(text));
        JsonNode model = JsonMapper.shared().readTree(json).path("model");
        // [UNK], eight characters inside of words, three at their ends
        assertThat(model.path("vocab").propertyNames())
                .startsWith("[UNK]", "d", "e", "i", "l", "n", "o", "s", "w", "r</w>", "t</w>", "w</w>");
        // e s: 9; es t: 9; l o: 7; e w, n e, w est: 6; then new; then newest
        assertThat(model.path("merges")
                        .valueStream()
                        .map(merge ->
                                merge.path(0).asString() + " " + merge.path(1).asString()))
                .containsExactly("e s", "es t</w>", "l o", "e w", "n ew", "new est</w>");
        try (Tokenizer tokenizer = Tokenizer.of(json, "trained")) {
            assertThat(tokenizer.tokens("newest lowest")).containsExactly("newest</w>", "lo", "w", "est</w>");
            assertThat(tokenizer.tokens("next x")).containsExactly("n", "e", "[UNK]", "t</w>", "[UNK]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLibraryReadsTheSameNumbers(TokenizerModel model) {
        TokenizerTraining training =
                new TokenizerTraining(model, 300, 1, List.of(), Optional.empty(), List.of("[PAD]", "[BOS]", "[EOS]"));
        String json = training.train(TEXTS.stream());
        assertThat(training.train(TEXTS.stream())).isEqualTo(json);
        JsonNode vocabulary = JsonMapper.shared().readTree(json).path("model").path("vocab");
        try (Tokenizer tokenizer = Tokenizer.of(json, "trained")) {
            assertThat(tokenizer.size()).isEqualTo(vocabulary.size()).isGreaterThan(50);
            assertThat(tokenizer.number("[BOS]")).hasValue(1);
            assertThat(tokenizer.number("none")).isEmpty();
            for (String text : TEXTS) {
                TokenSequence numbers = tokenizer.encode(text);
                List<String> tokens = tokenizer.tokens(text);
                assertThat(tokens).hasSize(numbers.size()).isNotEmpty();
                for (int i = 0; i < tokens.size(); i++) {
                    assertThat(vocabulary.path(tokens.get(i)).asInt(-1))
                            .as(tokens.get(i))
                            .isEqualTo(numbers.token(i));
                }
            }
        }
    }

    /** With room for every piece, a piece is a token: the library cuts where it was cut here. */
    @ParameterizedTest
    @EnumSource
    void textIsCutWhereTheLibraryCutsIt(PreTokenizer cut) {
        TokenizerModel model = cut == PreTokenizer.BYTE_LEVEL ? TokenizerModel.BYTE_BPE : TokenizerModel.WORD;
        TokenizerTraining training = new TokenizerTraining(model, 100_000, 1, List.of(), Optional.of(cut), List.of());
        List<String> texts = TEXTS.subList(0, 4);
        try (Tokenizer tokenizer = trained(training, texts)) {
            for (String text : texts) {
                assertThat(tokenizer.tokens(text)).containsExactlyElementsOf(cut.pieces(text));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void textIsNormalisedAsTheLibraryDoesIt(TextNormalizer normalizer) {
        List<TextNormalizer> normalizers = normalizer == TextNormalizer.STRIP_ACCENTS
                ? List.of(TextNormalizer.NFD, normalizer)
                : List.of(normalizer);
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.CHARACTER, 1000, 1, normalizers, Optional.empty(), List.of());
        try (Tokenizer tokenizer = trained(training, TEXTS)) {
            for (String text : TEXTS.subList(0, 4)) {
                String normal = text;
                for (TextNormalizer each : normalizers) {
                    normal = each.apply(normal);
                }
                assertThat(String.join("", tokenizer.tokens(text))).isEqualTo(normal);
            }
        }
    }

    @Test
    void bytesAndCharactersComeBackAsTheyWere() {
        try (Tokenizer bytes = trained(training(TokenizerModel.BYTE_BPE, 400), TEXTS.subList(0, 2));
                Tokenizer characters = trained(training(TokenizerModel.CHARACTER, 1), TEXTS)) {
            for (String text : TEXTS) {
                assertThat(bytes.decode(bytes.encode(text))).isEqualTo(text);
            }
            for (String text : TEXTS.subList(0, 4)) {
                assertThat(characters.decode(characters.encode(text))).isEqualTo(text);
            }
            int size = bytes.size();
            assertThatThrownBy(() -> bytes.decode(TokenSequence.of(size)))
                    .hasMessage("expected tokens from 0 to below " + size + ", got " + size);
        }
    }

    @Test
    void wordPiecesAreWholeOrInside() {
        try (Tokenizer tokenizer =
                trained(training(TokenizerModel.WORDPIECE, 40), List.of("low low low lower newer"))) {
            assertThat(tokenizer.tokens("low slower")).startsWith("low").contains("[UNK]");
            assertThat(tokenizer.tokens("lower")).containsExactly("lower");
            List<String> tokens = tokenizer.tokens("newe");
            assertThat(tokens.get(0)).startsWith("n");
            assertThat(tokens.subList(1, tokens.size())).isNotEmpty().allMatch(token -> token.startsWith("##"));
            assertThat(tokenizer.decode(tokenizer.encode("lower newer"))).isEqualTo("lower newer");
        }
    }

    @Test
    void whatCannotBeIsSaid() throws IOException {
        assertThatThrownBy(() -> training(TokenizerModel.WORD, 0)).hasMessageContaining("at least 1, got 0");
        assertThatThrownBy(() -> new TokenizerTraining(
                        TokenizerModel.WORD, 10, 1, List.of(), Optional.of(PreTokenizer.BYTE_LEVEL), List.of()))
                .hasMessageContaining("expected a cut that WORD goes with");
        assertThatThrownBy(() -> training(TokenizerModel.WORD, 10).train(Stream.of("", "  ")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found none");
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\"}}");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(file.toString(), "a model with a vocab");
        Files.writeString(file, "{\"model\": {\"type\": \"Guess\", \"vocab\": {\"a\": 0}}}");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(file.toString());
        Files.writeString(file, "{");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(file.toString());
    }

    /** An order that is another in every process would make a run's own tokenizer another when it goes on. */
    @ParameterizedTest
    @EnumSource(TokenizerModel.class)
    void theFieldsOfAFileHaveAnOrder(TokenizerModel model) {
        String json = new TokenizerTraining(
                        model, 50, 1, List.of(TextNormalizer.LOWERCASE), Optional.empty(), List.of("[PAD]"))
                .train(Stream.of("the cat sat on the mat"));
        JsonNode root = JsonMapper.shared().readTree(json);
        for (String part : List.of("normalizer", "pre_tokenizer", "decoder", "model")) {
            assertThat(root.has(part)).as(part).isTrue();
            if (!root.path(part).isNull()) {
                assertThat(root.path(part).propertyNames().iterator().next())
                        .as(part)
                        .isEqualTo("type");
            }
        }
        if (model == TokenizerModel.BYTE_BPE) {
            assertThat(root.path("decoder").propertyNames())
                    .containsExactly("type", "add_prefix_space", "trim_offsets", "use_regex");
        }
    }

    @Test
    void theOrderOfFieldsMakesNoOtherTokenizer() {
        assertThat(Tokenizer.isSame("{\"a\": 1, \"b\": [2, {}]}", "{\"b\":[2,{}],\"a\":1}"))
                .isTrue();
        assertThat(Tokenizer.isSame("{\"a\": [1, 2]}", "{\"a\": [2, 1]}")).isFalse();
        assertThat(Tokenizer.isSame("{\"a\": 1}", "{")).isFalse();
    }
}
