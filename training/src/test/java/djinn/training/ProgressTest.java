package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

class ProgressTest {

    private static final Goal GOAL = Goal.rising("accuracy");

    private static Progress next(Progress progress, Double accuracy, Double loss) {
        return progress.nextEpoch(progress.step() + 8, GOAL, accuracy, loss, List.of(), 3);
    }

    @Test
    void whatIsWatchedGrowsByEpochsAndSurvivesTheRest() {
        Progress first = Progress.start("data").nextEpoch(8, GOAL, .5, 1.5, List.of(1.5), 3);
        Progress second = first.at(2, 10).nextEpoch(16, GOAL, .6, 1.25, List.of(1.25), 3);
        assertThat(second.watched()).containsExactly(1.5, 1.25);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readValue(json.writeValueAsString(second), Progress.class))
                .isEqualTo(second);
    }

    @Test
    void ofTheSameObjectiveTheLowerLossIsBetter() {
        Progress first = next(Progress.start("data"), .5, 1.5);
        Progress lower = next(first, .5, 1.25);
        assertThat(lower.bestEpoch()).isEqualTo(1);
        assertThat(lower.bestLoss()).isEqualTo(1.25);
        Progress higher = next(lower, .5, 1.4);
        assertThat(higher.bestEpoch()).isEqualTo(1);
        assertThat(next(higher, .6, 9.).bestEpoch()).isEqualTo(3);
        // patience is for the objective
        assertThat(higher.epochsSinceBest()).isEqualTo(2);
        assertThat(next(higher, .5, 1.).stoppedEarly()).isTrue();
        // a task without a loss
        assertThat(next(next(Progress.start("data"), .5, null), .5, null).bestEpoch())
                .isZero();
    }

    @Test
    void aFallingFigureAndNoneAtAll() {
        Goal falling = Goal.falling("loss");
        Progress first = Progress.start("data").nextEpoch(8, falling, 1.5, 1.5, List.of(), 3);
        Progress higher = first.nextEpoch(16, falling, 1.75, 1.75, List.of(), 3);
        assertThat(higher.bestEpoch()).isZero();
        assertThat(higher.epochsSinceBest()).isEqualTo(1);
        assertThat(higher.nextEpoch(24, falling, 1.25, 1.25, List.of(), 3).bestEpoch())
                .isEqualTo(2);
        Progress newest = Progress.start("data");
        for (int epoch = 0; epoch < 3; epoch++) {
            newest = newest.nextEpoch(8, Goal.newest(), null, 9. + epoch, List.of(), Integer.MAX_VALUE);
            assertThat(newest.bestEpoch()).isEqualTo(epoch);
        }
    }

    @Test
    void anotherPatienceDecidesAnew() {
        Progress stopped = next(next(next(next(Progress.start("data"), .5, 1.), .4, 1.), .4, 1.), .4, 1.);
        assertThat(stopped.stoppedEarly()).isTrue();
        assertThat(stopped.withPatience(4).stoppedEarly()).isFalse();
        assertThat(stopped.withPatience(3)).isEqualTo(stopped);
    }

    @Test
    void aCheckpointFromBeforeThereWasALossOrAnythingToWatchIsRead() {
        String json = "{\"epoch\":1,\"batch\":0,\"step\":8,\"best\":0.5,\"bestEpoch\":0,\"epochsSinceBest\":0,"
                + "\"stoppedEarly\":false,\"metrics\":{},\"dataFingerprint\":\"data\"}";
        Progress read = new ObjectMapper().readValue(json, Progress.class);
        assertThat(read).isEqualTo(next(Progress.start("data"), .5, null).withBest(.5, null, 0, null));
        assertThat(next(read, .5, .1).bestEpoch()).isZero();
    }
}
