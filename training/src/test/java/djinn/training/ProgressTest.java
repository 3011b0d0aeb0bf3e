package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

class ProgressTest {

    @Test
    void whatIsWatchedGrowsByEpochsAndSurvivesTheRest() {
        Progress first = Progress.start("data").nextEpoch(8, .5, List.of(1.5), 3);
        Progress second = first.at(2, 10, Map.of()).nextEpoch(16, .6, List.of(1.25), 3);
        assertThat(second.watched()).containsExactly(1.5, 1.25);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readValue(json.writeValueAsString(second), Progress.class))
                .isEqualTo(second);
    }

    @Test
    void aCheckpointFromBeforeThereWasAnythingToWatchIsRead() {
        String json = "{\"epoch\":1,\"batch\":0,\"step\":8,\"best\":0.5,\"bestEpoch\":0,\"epochsSinceBest\":0,"
                + "\"stoppedEarly\":false,\"metrics\":{},\"dataFingerprint\":\"data\"}";
        Progress read = new ObjectMapper().readValue(json, Progress.class);
        assertThat(read).isEqualTo(Progress.start("data").nextEpoch(8, .5, List.of(), 3));
    }
}
