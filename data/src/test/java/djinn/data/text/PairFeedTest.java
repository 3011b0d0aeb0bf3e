package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.data.text.PairFeed.Size;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairFeedTest {

    private static final SpecialTokens SPECIAL = new SpecialTokens(0, 1, 2);

    /** Pair i has i % 7 tokens of i in its source and i % 5 in its target. */
    private static List<TokenPair> pairs(int count) {
        return IntStream.range(0, count).mapToObj(i -> pair(i, i % 7, i % 5)).toList();
    }

    private static TokenPair pair(int token, int source, int target) {
        return new TokenPair(
                TokenSequence.of(IntStream.generate(() -> token).limit(source).toArray()),
                TokenSequence.of(IntStream.generate(() -> token).limit(target).toArray()),
                new SentencePair("s" + token, "t" + token));
    }

    private static PairFeed feed(int count, int most, OptionalInt tokens, OptionalLong seed) {
        return new PairFeed(pairs(count), SPECIAL, new Size(most, tokens), seed, 2);
    }

    private static List<PairBatch> all(PairFeed feed, int epoch, int first) {
        List<PairBatch> all = new ArrayList<>();
        try (Batches<PairBatch> batches = feed.batches(epoch, first)) {
            batches.forEachRemaining(all::add);
        }
        return all;
    }

    private static List<List<TokenPair>> contents(List<PairBatch> batches) {
        return batches.stream().map(PairBatch::pairs).toList();
    }

    @Test
    void everyEpochHasEachPairOnceInAnotherOrder() {
        for (OptionalInt budget : List.of(OptionalInt.empty(), OptionalInt.of(40))) {
            PairFeed feed = feed(333, 4, budget, OptionalLong.of(3));
            Set<List<List<TokenPair>>> orders = new HashSet<>();
            for (int epoch = 0; epoch < 3; epoch++) {
                List<PairBatch> batches = all(feed, epoch, 0);
                assertThat(batches).hasSize(feed.batchesPerEpoch());
                assertThat(batches.stream().flatMap(batch -> batch.pairs().stream()))
                        .containsExactlyInAnyOrderElementsOf(pairs(333));
                for (int i = 0; i < batches.size(); i++) {
                    assertThat(batches.get(i).size()).isEqualTo(feed.batchSize(i));
                }
                assertThat(contents(all(feed, epoch, 5))).isEqualTo(contents(batches.subList(5, batches.size())));
                orders.add(contents(batches));
            }
            assertThat(orders).hasSize(3);
        }
    }

    @Test
    void batchesOfPairsHaveAsManyButTheLast() {
        List<PairBatch> batches = all(feed(10, 4, OptionalInt.empty(), OptionalLong.of(1)), 0, 0);
        assertThat(batches).extracting(PairBatch::size).containsExactly(4, 4, 2);
    }

    @Test
    void aBudgetHoldsPaddingToo() {
        PairFeed feed = feed(200, 8, OptionalInt.of(30), OptionalLong.of(1));
        for (PairBatch batch : all(feed, 2, 0)) {
            int source = batch.pairs().stream()
                    .mapToInt(pair -> pair.source().size() + 1)
                    .max()
                    .orElseThrow();
            int target = batch.pairs().stream()
                    .mapToInt(pair -> pair.target().size() + 1)
                    .max()
                    .orElseThrow();
            assertThat(batch.size() * (source + target)).isLessThanOrEqualTo(30);
            assertThat(batch.size()).isLessThanOrEqualTo(8);
        }
        // a pair that is more than the budget is a batch of its own
        assertThat(all(feed(3, 8, OptionalInt.of(1), OptionalLong.of(1)), 0, 0))
                .extracting(PairBatch::size)
                .containsExactly(1, 1, 1);
    }

    /** In batches at random the longest of ten would be 7 nearly always, where the mean is 4. */
    @Test
    void likeLengthsComeTogether() {
        List<PairBatch> batches = all(feed(3500, 10, OptionalInt.empty(), OptionalLong.of(1)), 0, 0);
        long padded = batches.stream()
                .mapToLong(batch -> batch.size() * (long) batch.sourceLength())
                .sum();
        long own =
                pairs(3500).stream().mapToLong(pair -> pair.source().size() + 1).sum();
        assertThat(padded).isLessThan(own * 5 / 4);
    }

    @Test
    void heldOutPairsComeByLengthAndAlike() {
        PairFeed feed = feed(20, 6, OptionalInt.empty(), OptionalLong.empty());
        List<PairBatch> batches = all(feed, 0, 0);
        assertThat(contents(all(feed, 7, 0))).isEqualTo(contents(batches));
        assertThat(batches.stream()
                        .flatMap(batch -> batch.pairs().stream())
                        .map(pair -> pair.target().size())
                        .toList())
                .isSorted();
    }

    /** Two pairs: source 7 7 7, target 8; source 9, target 10 10. */
    @Test
    void rowsAreStartedEndedAndFilledUp() {
        List<TokenPair> two = List.of(
                new TokenPair(TokenSequence.of(7, 7, 7), TokenSequence.of(8), new SentencePair("a", "b")),
                new TokenPair(TokenSequence.of(9), TokenSequence.of(10, 10), new SentencePair("c", "d")));
        try (NDManager manager = PyTorch.newManager();
                PairBatch batch = new PairBatch(two, SPECIAL);
                PairBatch one = new PairBatch(two.subList(0, 1), SPECIAL)) {
            assertThat(batch.sources(manager).toLongArray()).containsExactly(7, 7, 7, 2, 9, 2, 0, 0);
            assertThat(batch.targets(manager).toLongArray()).containsExactly(1, 8, 0, 1, 10, 10);
            assertThat(batch.labels(manager).toLongArray()).containsExactly(8, 2, -100, 10, 10, 2);
            assertThat(batch.padding(manager).orElseThrow().toBooleanArray())
                    .containsExactly(false, false, false, false, false, false, true, true);
            assertThat(batch.tokens()).isEqualTo(5);
            assertThat(one.padding(manager)).isEmpty();
        }
    }

    @Test
    void nothingIsRefused() {
        assertThatThrownBy(() -> feed(0, 1, OptionalInt.empty(), OptionalLong.empty()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("at least one pair");
        assertThatThrownBy(() -> new PairBatch(pairs(3), SPECIAL, 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none longer than 2 and 2");
    }
}
