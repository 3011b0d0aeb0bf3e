package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordWindowsTest {

    /** 400 lines "0 1 2 3": every word alike often. */
    private static final WordText EVEN = new WordText(
            IntStream.range(0, 400).mapToObj(i -> TokenSequence.of(0, 1, 2, 3)).toList(), 4);

    private record Seen(int middles, int rows, List<long[]> words, List<long[]> candidates, int batches) {}

    private static Seen seen(WordWindows windows, int epoch) {
        int middles = 0;
        int rows = 0;
        List<long[]> words = new ArrayList<>();
        List<long[]> candidates = new ArrayList<>();
        int count = 0;
        try (Batches<WordBatch> batches = windows.batches(epoch, 0);
                NDManager manager = PyTorch.newManager()) {
            while (batches.hasNext()) {
                WordBatch batch = batches.next();
                assertThat(batch.size()).isEqualTo(windows.batchSize(count++));
                middles += batch.size();
                rows += batch.rows();
                long[] known = batch.words(manager).toLongArray();
                long[] padding =
                        batch.padding(manager).map(array -> array.toLongArray()).orElse(new long[known.length]);
                int most = known.length / batch.rows();
                long[] told = batch.candidates(manager).toLongArray();
                int drawn = told.length / batch.rows();
                float[] targets = batch.targets(manager).toFloatArray();
                for (int p = 0; p < batch.rows(); p++) {
                    int row = p;
                    words.add(IntStream.range(0, most)
                            .filter(c -> padding[row * most + c] == 0)
                            .mapToLong(c -> known[row * most + c])
                            .toArray());
                    candidates.add(IntStream.range(0, drawn)
                            .mapToLong(m -> told[row * drawn + m])
                            .toArray());
                    assertThat(targets[p * drawn]).isEqualTo(1);
                    assertThat(targets[p * drawn + 1]).isZero();
                }
            }
        }
        assertThat(count).isEqualTo(windows.batchesPerEpoch());
        return new Seen(middles, rows, words, candidates, count);
    }

    private static WordWindows windows(WordText text, WordWindows.Form form, double subsample, int window) {
        WordWindows.Settings settings = new WordWindows.Settings(form, window, 2, subsample);
        return new WordWindows(text, text.counts(), settings, OptionalLong.of(7), 32, 2);
    }

    /** With windows of one word, "0 1 2 3" has the pairs 01 10 12 21 23 32 a line, and no more. */
    @Test
    void skipGramTellsNeighboursOfTheLine() {
        Seen seen = seen(windows(EVEN, WordWindows.Form.SKIP_GRAM, 1, 1), 0);
        assertThat(seen.middles).isEqualTo(1600);
        assertThat(seen.rows).isEqualTo(2400);
        for (int p = 0; p < seen.rows; p++) {
            long[] candidates = seen.candidates.get(p);
            assertThat(seen.words.get(p)).hasSize(1);
            assertThat(Math.abs(seen.words.get(p)[0] - candidates[0])).isEqualTo(1);
            assertThat(candidates[1]).isNotEqualTo(candidates[0]);
            assertThat(candidates[2]).isNotEqualTo(candidates[0]);
        }
    }

    /** Of a window of up to two words, each width comes half the times: the first word sees 1 or 2 others. */
    @Test
    void cbowTellsTheMiddleOfThoseAround() {
        Seen seen = seen(windows(EVEN, WordWindows.Form.CBOW, 1, 2), 0);
        assertThat(seen.rows).isEqualTo(1600);
        int first = 0;
        int narrow = 0;
        for (int p = 0; p < seen.rows; p++) {
            if (seen.candidates.get(p)[0] == 0) {
                first++;
                narrow += seen.words.get(p).length == 1 ? 1 : 0;
                assertThat(seen.words.get(p)[0]).isEqualTo(1);
            }
        }
        assertThat(first).isEqualTo(400);
        assertThat((double) narrow / first).isCloseTo(.5, within(.1));
    }

    @Test
    void anEpochFollowsFromItsNumberAndOnlyFromIt() {
        WordWindows windows = windows(EVEN, WordWindows.Form.SKIP_GRAM, .1, 2);
        Seen first = seen(windows, 1);
        Seen again = seen(windows, 1);
        assertThat(first.candidates).usingRecursiveComparison().isEqualTo(again.candidates);
        assertThat(first.words).usingRecursiveComparison().isEqualTo(again.words);
        Seen other = seen(windows, 2);
        assertThat(other.middles).isEqualTo(first.middles);
        assertThat(first.candidates).usingRecursiveComparison().isNotEqualTo(other.candidates);
    }

    /**
     * Word 0 makes up .8 of the text: with t = .05 it stays with probability sqrt(.05 / .8) = .25; the others, .05 each,
     * always. Candidates are drawn by counts to 3/4: 16 to 1 becomes 8 to 1.
     */
    @Test
    void frequentWordsAreLeftOutAndDrawnLess() {
        List<TokenSequence> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int rare = 1 + i % 4;
            lines.add(TokenSequence.of(
                    IntStream.range(0, 5).map(k -> k == 2 ? rare : 0).toArray()));
        }
        WordText text = new WordText(lines, 5);
        assertThat(text.counts()).containsExactly(800, 50, 50, 50, 50);
        WordWindows.Settings settings = new WordWindows.Settings(WordWindows.Form.CBOW, 5, 8, .05);
        WordWindows windows = new WordWindows(text, text.counts(), settings, OptionalLong.of(7), 50, 1);
        int middles = 0;
        int frequent = 0;
        int drawn = 0;
        int of = 0;
        for (int epoch = 0; epoch < 20; epoch++) {
            Seen seen = seen(windows, epoch);
            middles += seen.middles;
            for (long[] candidates : seen.candidates) {
                frequent += candidates[0] == 0 ? 1 : 0;
                if (candidates[0] == 1) {
                    // of 0, 2, 3 and 4, as it is not drawn itself
                    for (int m = 1; m < candidates.length; m++) {
                        drawn += candidates[m] == 0 ? 1 : 0;
                        of++;
                    }
                }
            }
        }
        // 800 .25 + 200 a time
        assertThat(middles).isEqualTo(20 * 400);
        assertThat(frequent).isBetween(2000, 4100);
        assertThat((double) drawn / of).isCloseTo(8 / 11., within(.03));
    }
}
