package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadTest {

    private final List<Float> read = new ArrayList<>();

    /** Freed by the caller at once, as after a training step. */
    private void add(Unread unread, float value) {
        try (NDManager owner = PyTorch.newManager()) {
            NDArray array = owner.create(value);
            unread.add(new NDList(array), arrays -> read.add(arrays.head().getFloat()));
        }
    }

    @Test
    void resultsAreReadInTheirOrderWhenAskedForOrMany() {
        try (Unread unread = new Unread(3)) {
            add(unread, 1);
            add(unread, 2);
            assertThat(read).isEmpty();
            unread.read();
            assertThat(read).containsExactly(1f, 2f);
            add(unread, 3);
            add(unread, 4);
            add(unread, 5);
            assertThat(read).containsExactly(1f, 2f, 3f, 4f, 5f);
        }
    }

    /** An array made of Java's memory shares it with what is detached from it; that memory goes with the array. */
    @Test
    void valuesAreKeptWhenTheCallersMemoryIsCollected() throws InterruptedException {
        try (Unread unread = new Unread(200)) {
            for (int i = 0; i < 100; i++) {
                add(unread, i);
            }
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(20);
            }
            unread.read();
            assertThat(read).hasSize(100).isSorted().first().isEqualTo(0f);
        }
    }

    @Test
    void whatIsClosedIsNeverRead() {
        Unread unread = new Unread(3);
        add(unread, 1);
        unread.close();
        unread.read();
        assertThat(read).isEmpty();
        assertThatThrownBy(() -> new Unread(0)).hasMessage("expected room for at least 1 result, got 0");
    }
}
