package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrownLossesTest {

    private final List<TrainingEvent> told = new ArrayList<>();
    private final GrownLosses losses = new GrownLosses(told::add);

    @Test
    void aTurnIsWarnedOfOnce() {
        read(16, Map.of("critic", List.of(-2., 4.), "generator", List.of(.1, .1)));
        read(32, Map.of("critic", List.of(-2900.), "generator", List.of(-900.)));
        assertThat(told).isEmpty();

        read(48, Map.of("critic", List.of(-3e9, 1e9), "generator", List.of(900.)));
        read(64, Map.of("critic", List.of(3e19), "generator", List.of(-900.)));

        assertThat(told)
                .singleElement()
                .extracting(event -> ((TrainingEvent.Warned) event).message())
                .asString()
                .startsWith("the loss of the critic has grown from 3.00 to 2.00e+09 by step 48: the training diverges");
    }

    @Test
    void oneLossHasNoName() {
        read(16, Map.of("", List.of(2.3)));
        read(32, Map.of("", List.of(1.)));
        read(48, Map.of("", List.of(5000.)));

        assertThat(told).singleElement().asString().contains("the loss has grown from 2.30 to 5.00e+03 by step 48");
    }

    private void read(long step, Map<String, List<Double>> values) {
        losses.on(new TrainingEvent.LossesRead(step, .001, values));
    }
}
