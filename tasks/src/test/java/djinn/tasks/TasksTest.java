package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.predict.Answerings;
import org.junit.jupiter.api.Test;

class TasksTest {

    @Test
    void whatCanBeTrainedCanBeAskedWithoutTraining() {
        assertThat(Answerings.table().keySet())
                .containsExactlyElementsOf(Tasks.recipes().keySet());
    }
}
