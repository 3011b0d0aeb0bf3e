package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batches;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TokenFeedTest {

    private static final TokenSequence NUMBERS = counting(103);

    @Test
    void heldOutWindowsCoverTheTextOnce() {
        TokenFeed feed = TokenFeed.heldOut(NUMBERS, 10, 4);

        List<Window> windows = windows(feed, 0, 0);

        assertThat(windows.stream().flatMap(window -> window.inputs.stream()))
                .containsExactlyElementsOf(LongStream.range(0, 102).boxed().toList());
        assertThat(windows.stream().flatMap(window -> window.targets.stream()))
                .containsExactlyElementsOf(LongStream.range(1, 103).boxed().toList());
        assertThat(feed.batchesPerEpoch()).isEqualTo(4);
        assertThat(IntStream.range(0, 4).map(feed::batchSize)).containsExactly(40, 40, 20, 2);
        assertThat(windows(feed, 7, 0)).isEqualTo(windows);
    }

    @Test
    void anEpochOfTrainingIsCutFromAnOffsetAndShuffled() {
        TokenFeed feed = TokenFeed.training(NUMBERS, 10, 4, 1, 2);
        boolean[] offsets = new boolean[10];
        for (int epoch = 0; epoch < 100; epoch++) {
            List<Window> windows = windows(feed, epoch, 0);
            assertThat(windows).hasSize(9);
            List<Long> starts = windows.stream().map(window -> window.inputs.get(0)).toList();
            long offset = starts.stream().mapToLong(start -> start).min().orElseThrow();
            offsets[(int) offset] = true;
            assertThat(starts)
                    .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 9)
                            .mapToObj(window -> offset + 10 * window)
                            .toList());
            for (Window window : windows) {
                for (int t = 0; t < 10; t++) {
                    assertThat(window.inputs.get(t)).isEqualTo(window.inputs.get(0) + t);
                    assertThat(window.targets.get(t)).isEqualTo(window.inputs.get(t) + 1);
                }
            }
        }
        assertThat(offsets).doesNotContain(false);
        assertThat(windows(feed, 0, 0)).isNotEqualTo(windows(feed, 1, 0));
    }

    @Test
    void batchesDependOnSeedEpochAndPlaceAlone() {
        TokenFeed feed = TokenFeed.training(NUMBERS, 10, 4, 1, 1);
        List<Window> all = windows(feed, 5, 0);

        assertThat(windows(TokenFeed.training(NUMBERS, 10, 4, 1, 3), 5, 0)).isEqualTo(all);
        assertThat(windows(feed, 5, 2)).isEqualTo(all.subList(8, 9));
        assertThat(windows(TokenFeed.training(NUMBERS, 10, 4, 2, 1), 5, 0)).isNotEqualTo(all);
        assertThat(feed.batchesPerEpoch()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(feed::batchSize)).containsExactly(40, 40, 10);
    }

    @Test
    void arraysAreWindowsOfInt64() {
        try (NDManager manager = PyTorch.newManager();
                Batches<TokenBatch> batches =
                        TokenFeed.heldOut(counting(7), 2, 3).batches(0, 0);
                TokenBatch batch = batches.next()) {
            NDArray inputs = batch.inputs(manager);
            assertThat(inputs.getDataType()).isEqualTo(DataType.INT64);
            assertThat(inputs.getShape()).isEqualTo(new Shape(3, 2));
            assertThat(inputs.toLongArray()).containsExactly(0, 1, 2, 3, 4, 5);
            assertThat(batch.targets(manager).toLongArray()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(batch.windows()).isEqualTo(3);
            assertThat(batch.size()).isEqualTo(6);
        }
    }

    @Test
    void tooShortATextIsRefused() {
        assertThat(windows(TokenFeed.training(counting(20), 10, 4, 1, 1), 0, 0)).hasSize(1);
        assertThatThrownBy(() -> TokenFeed.training(counting(19), 10, 4, 1, 1))
                .isInstanceOf(DataException.class)
                .hasMessage("expected at least 20 tokens to learn from, two contexts of 10, found 19; take more text or"
                        + " a shorter context");
        assertThat(windows(TokenFeed.heldOut(counting(2), 10, 4), 0, 0)).hasSize(1);
        assertThatThrownBy(() -> TokenFeed.heldOut(counting(1), 10, 4)).isInstanceOf(DataException.class);
    }

    /** A row of a batch. */
    private record Window(List<Long> inputs, List<Long> targets) {}

    private static List<Window> windows(TokenFeed feed, int epoch, int first) {
        List<Window> windows = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Batches<TokenBatch> batches = feed.batches(epoch, first)) {
            while (batches.hasNext()) {
                try (TokenBatch batch = batches.next()) {
                    NDArray inputs = batch.inputs(manager);
                    NDArray targets = batch.targets(manager);
                    int length = batch.size() / batch.windows();
                    for (int n = 0; n < batch.windows(); n++) {
                        windows.add(new Window(row(inputs, n, length), row(targets, n, length)));
                    }
                }
            }
        }
        return windows;
    }

    private static List<Long> row(NDArray rows, int n, int length) {
        return Arrays.stream(rows.toLongArray(), n * length, (n + 1) * length)
                .boxed()
                .toList();
    }

    private static TokenSequence counting(int size) {
        return TokenSequence.of(IntStream.range(0, size).toArray());
    }
}
