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
