package djinn.tasks.detection;

import djinn.tasks.FlatMemory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trainings of detectors keep nothing of a step, though each has other numbers of objects, and of regions. An epoch has 160
 * steps: what a validation takes at most is taken before the first measurement.
 */
class DetectorMemoryTest {

    private static final int STEPS = 1_000;

    private static final List<String> ALWAYS =
            List.of("data.size=64", "train.batch_size=2", "train.epochs=100", "train.val_every=1");

    /** A batch of two images of 64x64 takes 98 kB: kept of every step, these alone would be 98 MB. */
    private static final long MOST_KILOBYTES = 50_000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"{name: yolov5n}", "{name: faster_rcnn, backbone: shufflenet_v2_x0_5, samples: 64}"})
    @Tag("slow")
    @EnabledOnOs(OS.LINUX)
    void aThousandStepsTakeNoMoreThanThreeHundred(String model) {
        FlatMemory.assertFlat(List.of("detection", "model=" + model), ALWAYS, folder, STEPS, MOST_KILOBYTES);
    }
}
