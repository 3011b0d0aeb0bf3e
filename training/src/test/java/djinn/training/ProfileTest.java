package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import djinn.training.Stopwatch.Part;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is waited for; where time goes, the tests of trainings say. */
class ProfileTest {

    private final List<Device> awaited = new ArrayList<>();
    private final Profile profile = new Profile(awaited::add);

    @Test
    void allDevicesOfATrainingAreWaitedForAfterEachPart() {
        Device apple = Device.of("mps", 0);
        profile.start(List.of(Device.gpu(0), Device.gpu(2), apple));
        profile.lap(Part.FORWARD);
        assertThat(awaited).containsExactly(Device.gpu(0), Device.gpu(2), apple);
        profile.lap(Part.BACKWARD);
        assertThat(awaited).hasSize(6);
        assertThat(profile.parts()).extracting(Profile.Spent::part).containsExactly(Part.FORWARD, Part.BACKWARD);
    }

    @Test
    void processorsAreNotWaitedFor() {
        profile.start(List.of(Device.cpu(), Device.cpu()));
        profile.lap(Part.FORWARD);
        assertThat(awaited).isEmpty();
        assertThat(profile.parts()).hasSize(1);
    }
}
