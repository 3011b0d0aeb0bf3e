package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorstListTest {

    @Test
    void theWorstComeFirstAndOfEquallyBadOnesTheEarlier() {
        WorstList<String> list = new WorstList<>(3);
        List<String> asked = new ArrayList<>();
        double[] badness = {1, 5, 3, 5, 2, 3, 4};
        for (int i = 0; i < badness.length; i++) {
            String name = "example " + i;
            list.add(badness[i], () -> {
                asked.add(name);
                return name;
            });
        }
        assertThat(list.list()).containsExactly("example 1", "example 3", "example 6");
        // 4 and 5 were no worse than what was there
        assertThat(asked).containsExactly("example 0", "example 1", "example 2", "example 3", "example 6");
    }

    @Test
    void whereThereIsRoomAllAreKept() {
        WorstList<Integer> list = new WorstList<>(9);
        list.add(-2, () -> 1);
        list.add(Double.NEGATIVE_INFINITY, () -> 2);
        list.add(0, () -> 3);
        assertThat(list.list()).containsExactly(3, 1, 2);
        WorstList<Integer> none = new WorstList<>(0);
        none.add(1, () -> 1);
        assertThat(none.list()).isEmpty();
    }

    @Test
    void whatCannotBePutInOrderIsRefused() {
        assertThatThrownBy(() -> new WorstList<>(2).add(Double.NaN, () -> 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new WorstList<>(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
