package djinn.training.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class ScheduleTest {

    @TestFactory
    Iterable<DynamicTest> ratesOfTheReference() {
        Map<String, Schedule> schedules = new LinkedHashMap<>();
        schedules.put("step", new Schedule.Step(10, .5));
        schedules.put("multi_step", new Schedule.MultiStep(List.of(7L, 19L), .1));
        schedules.put("cosine", new Schedule.Cosine(.001));
        schedules.put("warmup_cosine", new Schedule.WarmupCosine(5, .01, 0));
        Map<String, JsonNode> records = Golden.records("schedules.json");
        return schedules.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    double[] rates = Golden.doubles(records.get(entry.getKey()).get("lr"));
                    assertThat(rates).hasSizeGreaterThan(30);
                    for (int t = 0; t < rates.length; t++) {
                        assertThat(entry.getValue().at(.1, t, 40))
                                .as("rate at " + t)
                                .isCloseTo(rates[t], within(1e-6 * rates[t]));
                    }
                }))
                .toList();
    }

    @Test
    void theConstantScheduleKeepsTheRate() {
        assertThat(new Schedule.Constant().at(.3, 17, 40)).isEqualTo(.3);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Schedule.Step(0, .1)).hasMessageContaining("step_size");
        assertThatThrownBy(() -> new Schedule.MultiStep(List.of(9L, 3L), .1)).hasMessageContaining("ascending");
        assertThatThrownBy(() -> new Schedule.Cosine(-1)).hasMessageContaining("min_lr");
        assertThatThrownBy(() -> new Schedule.WarmupCosine(5, 0, 0)).hasMessageContaining("start_factor");
    }
}
