package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batches;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskedFeedTest {

    private static final Masking USUAL = new Masking(.15, .8, .1);

    /** Ten special tokens, 90 words; 3 is the mask. */
    private static final MaskTokens TOKENS = new MaskTokens(
            3,
            "[MASK]",
            Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
            IntStream.range(10, 100).boxed().toList());

    private static TokenSequence words(int first, int count) {
        return TokenSequence.of(
                IntStream.range(first, first + count).map(i -> 10 + i % 90).toArray());
    }

    @Test
    void theSharesAreThoseOfThePaper() {
        SplittableRandom random = new SplittableRandom(5);
        TokenSequence text = words(0, 90);
        int told = 0;
        int masked = 0;
        int kept = 0;
        int[] places = new int[90];
        for (int i = 0; i < 2000; i++) {
            MaskedText one = USUAL.apply(text, TOKENS, random);
            // 0.15 of 90 is 13.5
            assertThat(one.places().size()).isEqualTo(14);
            Set<Integer> chosen = new HashSet<>(one.places().stream().boxed().toList());
            assertThat(chosen).hasSize(14);
            assertThat(one.places().stream()).isSorted();
            for (int t = 0; t < 90; t++) {
                if (!chosen.contains(t)) {
                    assertThat(one.seen().token(t)).isEqualTo(text.token(t));
                    continue;
                }
                places[t]++;
                told++;
                masked += one.seen().token(t) == 3 ? 1 : 0;
                kept += one.seen().token(t) == text.token(t) ? 1 : 0;
                assertThat(one.seen().token(t)).isNotIn(0, 1, 2, 4, 5, 6, 7, 8, 9);
            }
            assertThat(one.hidden().stream().boxed())
                    .containsExactlyElementsOf(
                            one.places().stream().map(text::token).boxed().toList());
        }
        // five standard deviations of 28,000 draws
        assertThat((double) masked / told).isCloseTo(.8, within(.012));
        // and one in 90 that is drawn at random is the word itself
        assertThat((double) kept / told).isCloseTo(.1 + .1 / 90, within(.009));
        assertThat(IntStream.of(places)).allMatch(count -> count > 220 && count < 402);
    }

    /** However short a text is, something of it is told; and nothing but words. */
    @Test
    void specialTokensAreNeverTold() {
        TokenSequence text = TokenSequence.of(2, 1, 42, 0, 3);
        for (int seed = 0; seed < 50; seed++) {
            MaskedText one = USUAL.apply(text, TOKENS, new SplittableRandom(seed));
            assertThat(one.places()).isEqualTo(TokenSequence.of(2));
            assertThat(one.hidden()).isEqualTo(TokenSequence.of(42));
        }
        MaskedText whole = new Masking(1, 1, 0).apply(text, TOKENS, new SplittableRandom(1));
        assertThat(whole.seen()).isEqualTo(TokenSequence.of(2, 1, 3, 0, 3));
        assertThatThrownBy(() -> USUAL.apply(TokenSequence.of(2, 1), TOKENS, new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a text with a word that can be masked");
    }

    @ParameterizedTest
    @CsvSource({"0, 0.8, 0.1", "1.1, 0.8, 0.1", "0.15, 0.8, 0.3", "0.15, -0.1, 0.1", "NaN, 0.8, 0.1"})
    void sharesThatAreNoneAreRefused(double share, double mask, double random) {
        assertThatThrownBy(() -> new Masking(share, mask, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected ");
    }

    private static MaskedFeed feed(OptionalLong seed, int workers) {
        List<TokenSequence> texts =
                IntStream.range(0, 23).mapToObj(i -> words(7 * i, 5 + i % 9)).toList();
        return new MaskedFeed(texts, TOKENS, USUAL, seed, 4, workers);
    }

    private static List<MaskedText> read(MaskedFeed feed, int epoch, int first) {
        List<MaskedText> all = new ArrayList<>();
        try (Batches<MaskedBatch> batches = feed.batches(epoch, first)) {
            while (batches.hasNext()) {
                all.addAll(batches.next().texts());
            }
        }
        return all;
    }

    /** Other tokens in each epoch; and from any batch on, with any number of threads, the same again. */
    @Test
    void masksFollowFromSeedEpochAndText() {
        MaskedFeed feed = feed(OptionalLong.of(8), 1);
        List<MaskedText> first = read(feed, 0, 0);
        assertThat(feed.batchesPerEpoch()).isEqualTo(6);
        assertThat(IntStream.range(0, 6).map(feed::batchSize)).containsExactly(4, 4, 4, 4, 4, 3);
        assertThat(first.stream().map(MaskedText::text)).containsExactlyInAnyOrderElementsOf(feed.texts());
        assertThat(read(feed(OptionalLong.of(8), 3), 0, 0)).isEqualTo(first);
        assertThat(read(feed, 0, 4)).isEqualTo(first.subList(16, 23));
        List<MaskedText> second = read(feed, 1, 0);
        long alike = feed.texts().stream()
                .filter(text -> of(first, text).places().equals(of(second, text).places()))
                .count();
        assertThat(alike).isLessThan(10);
        assertThat(read(feed(OptionalLong.of(9), 1), 0, 0)).isNotEqualTo(first);
    }

    private static MaskedText of(List<MaskedText> all, TokenSequence text) {
        return all.stream().filter(one -> one.text().equals(text)).findFirst().orElseThrow();
    }

    @Test
    void heldOutMasksStay() {
        MaskedFeed feed = feed(OptionalLong.empty(), 1);
        List<MaskedText> all = read(feed, 0, 0);
        assertThat(all.stream().map(MaskedText::text)).containsExactlyElementsOf(feed.texts());
        assertThat(read(feed, 5, 0)).isEqualTo(all);
        assertThat(read(feed.withMasking(USUAL.masksAlone()), 0, 0).stream().map(MaskedText::places))
                .containsExactlyElementsOf(all.stream().map(MaskedText::places).toList());
        assertThatThrownBy(() -> new MaskedFeed(List.of(), TOKENS, USUAL, OptionalLong.empty(), 4, 1))
                .isInstanceOf(DataException.class)
                .hasMessage("expected at least one text, found none");
    }

    @Test
    void arraysAreRowsFilledUpBehind() {
        MaskedText longer =
                new MaskedText(TokenSequence.of(11, 12, 13), TokenSequence.of(11, 3, 3), TokenSequence.of(1, 2));
        MaskedText shorter = new MaskedText(TokenSequence.of(14), TokenSequence.of(15), TokenSequence.of(0));
        try (NDManager manager = PyTorch.newManager()) {
            MaskedBatch batch = new MaskedBatch(List.of(longer, shorter));
            assertThat(batch.told()).isEqualTo(3);
            assertThat(batch.tokens(manager).getShape()).isEqualTo(new Shape(2, 3));
            assertThat(batch.tokens(manager).toLongArray()).containsExactly(11, 3, 3, 15, 0, 0);
            assertThat(batch.padding(manager).orElseThrow().toLongArray()).containsExactly(0, 0, 0, 0, 1, 1);
            assertThat(batch.places(manager).toLongArray()).containsExactly(1, 2, 3);
            assertThat(batch.targets(manager).toLongArray()).containsExactly(12, 13, 14);
            assertThat(new MaskedBatch(List.of(longer)).padding(manager)).isEmpty();
            // a share is as long as the whole
            MaskedBatch second = batch.split(2).get(1);
            assertThat(second.tokens(manager).toLongArray()).containsExactly(15, 0, 0);
            assertThat(second.places(manager).toLongArray()).containsExactly(0);
        }
    }

    private static Tokenizer tokenizer(TokenizerModel model, String... special) {
        TokenizerTraining training = new TokenizerTraining(model, 60, 1, List.of(), Optional.empty(), List.of(special));
        return Tokenizer.of(training.train(Stream.of("the cat sat on the mat")), "new tokenizer");
    }

    @ParameterizedTest
    @CsvSource({"WORDPIECE, [MASK]", "BYTE_BPE, <mask>", "CHARACTER, [MASK]", "WORD, [MASK]"})
    void aMaskIsASpecialTokenOfTheTokenizer(TokenizerModel model, String name) {
        Tokenizer tokenizer = tokenizer(model, "[PAD]", name);
        MaskTokens tokens = MaskTokens.of(tokenizer, "tokenizer.json");
        assertThat(tokens.name()).isEqualTo(name);
        assertThat(tokens.mask()).isEqualTo(1);
        assertThat(tokens.words()).doesNotContain(0, 1).hasSizeGreaterThan(4);
        assertThat(tokens.words().size() + tokens.special().size()).isEqualTo(tokenizer.size());
        TokenSequence text = tokenizer.encode("the " + name + " sat");
        assertThat(text.stream().filter(token -> token == 1)).hasSize(1);
        assertThat(tokenizer.decodeWhole(text)).contains(name).contains("sat");
    }

    @Test
    void aTokenizerWithoutAMaskIsRefused() {
        assertThatThrownBy(() -> MaskTokens.of(tokenizer(TokenizerModel.WORD, "[PAD]"), "tokenizer.json"))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "tokenizer.json: expected a tokenizer with a special token [MASK] or <mask>, which stands for"
                                + " masked words, found none; 'djinn tokenizer train' makes one with --special '[MASK]'");
    }

    @Test
    void longDocumentsAreCutSideBySide() {
        Tokenizer tokenizer = tokenizer(TokenizerModel.WORD, "[PAD]", "[MASK]");
        MaskTokens tokens = MaskTokens.of(tokenizer, "tokenizer.json");
        TextPieces pieces =
                TextPieces.of(List.of("the cat sat on the mat", "sat", "zebra", "the zebra"), tokenizer, tokens, 4);
        assertThat(pieces.pieces().stream().map(tokenizer::decodeWhole))
                .containsExactly("the cat sat on", "the mat", "sat", "the [UNK]");
        assertThat(pieces.cut()).isEqualTo(1);
        assertThat(pieces.wordless()).isEqualTo(1);
        assertThat(pieces.unknown()).isEqualTo(1);
        assertThat(pieces.tokens()).isEqualTo(9);
        assertThat(pieces.documents()).isEqualTo(4);
    }

    @Test
    void theEndOfATextIsHeldOut() {
        TextParts whole = TextParts.of(List.of("abcdefgh", "ij"), "text", Documents.NONE, .3);
        assertThat(whole.train()).containsExactly("abcdefg");
        assertThat(whole.validation()).containsExactly("hij");
        TextParts lines = TextParts.of(List.of("one\n\ntwo\nthree\n"), "text", Documents.LINES, .5);
        assertThat(lines.train()).containsExactly("one", "two");
        assertThat(lines.validation()).containsExactly("three");
        assertThat(lines.blank()).isEqualTo(1);
        assertThat(lines.fingerprint()).hasSize(64).isNotEqualTo(whole.fingerprint());
        assertThatThrownBy(() -> TextParts.of(List.of("one"), "text", Documents.LINES, .3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("text: expected texts to learn from and texts held out, found 1 and 0");
    }
}
