package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A source, a preparation, a sampler and a collate of one's own: words. */
class ExampleFeedTest {

    private static final List<String> WORDS = List.of("ant", "bee", "", "cow", "dog");

    /** Words; the empty one cannot be read. */
    private static final class Words implements Source<String> {

        private final AtomicInteger reads = new AtomicInteger();

        @Override
        public int size() {
            return WORDS.size();
        }

        @Override
        public String example(int index) {
            reads.incrementAndGet();
            if (WORDS.get(index).isEmpty()) {
                throw new DataException(name(index) + ": expected a word, found none");
            }
            return WORDS.get(index);
        }

        @Override
        public String name(int index) {
            return "line " + index;
        }
    }

    /** In capitals, with a number drawn behind them. */
    private static final class Numbered implements Preparation<String> {
        @Override
        public String prepare(String read) {
            return read.toUpperCase(Locale.ROOT);
        }

        @Override
        public String change(String prepared, RandomGenerator random) {
            return prepared + random.nextInt(1000);
        }

        @Override
        public long bytes(String prepared) {
            return prepared.length();
        }
    }

    private record WordBatch(List<String> words, long drawn) implements Batch {
        @Override
        public int size() {
            return words.size();
        }

        @Override
        public void close() {}
    }

    /** The first word twice. */
    private static final class FirstTwice implements Sampler {
        @Override
        public int size() {
            return WORDS.size() + 1;
        }

        @Override
        public int[] order(long seed, int epoch) {
            return new int[] {0, 1, 2, 0, 3, 4};
        }
    }

    private static ExampleFeed<String, WordBatch> feed(
            Source<String> source, Sampler sampler, OnError onError, long cacheBytes, int workers) {
        return new ExampleFeed<>(
                new ExampleLoader<>(source, new Numbered(), onError, cacheBytes),
                sampler,
                (words, random) -> new WordBatch(words.toList(), random.nextLong()),
                7,
                4,
                workers);
    }

    private static List<WordBatch> read(Feed<WordBatch> feed, int epoch, int first) {
        List<WordBatch> all = new ArrayList<>();
        try (Batches<WordBatch> batches = feed.batches(epoch, first)) {
            batches.forEachRemaining(all::add);
        }
        return all;
    }

    @Test
    void batchesFollowFromSeedEpochAndPlaceAlone() {
        ExampleFeed<String, WordBatch> one = feed(new Words(), new FirstTwice(), OnError.SKIP, 0, 1);
        assertThat(one.batchesPerEpoch()).isEqualTo(2);
        assertThat(one.batchSize(0)).isEqualTo(4);
        assertThat(one.batchSize(1)).isEqualTo(2);
        List<WordBatch> batches = read(one, 3, 0);
        assertThat(batches.get(0).words()).hasSize(3);
        assertThat(batches.get(0).words().get(1)).startsWith("BEE");
        // the same word twice, changed otherwise
        assertThat(batches.get(0).words().get(0))
                .startsWith("ANT")
                .isNotEqualTo(batches.get(0).words().get(2));
        assertThat(batches.get(0).drawn()).isNotEqualTo(batches.get(1).drawn());
        ExampleFeed<String, WordBatch> three = feed(new Words(), new FirstTwice(), OnError.SKIP, 1000, 3);
        assertThat(read(three, 3, 0)).isEqualTo(batches);
        assertThat(read(three, 3, 1)).isEqualTo(batches.subList(1, 2));
        assertThat(read(three, 4, 0)).isNotEqualTo(batches);
    }

    @Test
    void whatCannotBeReadIsSkippedAndNamedOrEndsTheRun() {
        ExampleFeed<String, WordBatch> skipping = feed(new Words(), new FirstTwice(), OnError.SKIP, 0, 2);
        read(skipping, 0, 0);
        assertThat(skipping.loader().skipped())
                .containsOnlyKeys("line 2")
                .containsEntry("line 2", "line 2: expected a word, found none");
        ExampleFeed<String, WordBatch> failing = feed(new Words(), new FirstTwice(), OnError.FAIL, 0, 2);
        assertThatThrownBy(() -> read(failing, 0, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("line 2: expected a word, found none");
    }

    @Test
    void examplesAreReadOnceWhereThereIsRoom() {
        Words words = new Words();
        ExampleFeed<String, WordBatch> feed = feed(words, new FirstTwice(), OnError.SKIP, 9, 1);
        read(feed, 0, 0);
        // three words have room; the broken one is never kept
        int first = words.reads.get();
        assertThat(first).isEqualTo(5);
        read(feed, 1, 0);
        assertThat(words.reads.get() - first).isEqualTo(2);
    }

    @Test
    void epochsOfAFixedOrderAreTheSame() {
        ExampleFeed<String, WordBatch> feed = feed(new Words(), Sampler.sequential(WORDS.size()), OnError.SKIP, 100, 2);
        assertThat(read(feed, 5, 0)).isEqualTo(read(feed, 0, 0));
    }
}
