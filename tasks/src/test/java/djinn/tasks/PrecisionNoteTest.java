package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import djinn.ops.ProductSpeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a training tells of a slow precision is this machine's to say; that it tells what was measured is not. */
class PrecisionNoteTest {

    private static final String KEY = "train.precision=fp32";
    private static final String[] SHORT = {"train.epochs=1", "train.limit_train_batches=1"};

    @TempDir
    private Path folder;

    @Test
    void whatWasMeasuredIsInTheLog() throws IOException {
        TinyRun tiny = new TinyRun(folder);
        ProductSpeed speed = ProductSpeed.on(Device.cpu());

        String log = log(tiny.train("half", "train.precision=bf16", "train.device=cpu", SHORT[0], SHORT[1]));

        assertThat(log.contains(speed.words())).isEqualTo(speed.isBf16Slower());
        assertThat(log.contains(KEY)).isEqualTo(speed.isBf16Slower());
        assertThat(log(tiny.train("whole", SHORT))).doesNotContain(KEY, "in bf16");
    }

    private static String log(Path run) throws IOException {
        return Files.readString(run.resolve("train.log"));
    }
}
