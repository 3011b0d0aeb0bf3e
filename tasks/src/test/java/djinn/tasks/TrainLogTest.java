package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.training.run.TrainLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainLogTest {

    @TempDir
    private Path folder;

    @Test
    void aTimeHasItsSecondsAndZone() {
        assertThat(TrainLog.stamp(OffsetDateTime.of(2026, 1, 31, 12, 0, 0, 0, ZoneOffset.UTC)))
                .isEqualTo("2026-01-31T12:00:00+00:00");
        assertThat(TrainLog.stamp(OffsetDateTime.of(2026, 1, 31, 12, 0, 0, 999, ZoneOffset.ofHoursMinutes(5, 30))))
                .isEqualTo("2026-01-31T12:00:00+05:30");
    }

    @Test
    void theLogTellsWhatWasUsed() throws IOException {
        Path run = new TinyRun(folder).train("told", "train.epochs=1");
        List<String> lines = Files.readAllLines(run.resolve("train.log"));
        assertThat(lines)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[-+]\\d\\d:\\d\\d .*"));
        assertThat(lines.get(0)).contains("30 training and 9 validation images in 3 classes");
        assertThat(lines).anyMatch(line -> line.contains("images become 8x8 grey, fit crop"));
    }

    @Test
    void theFolderNamesTheVersionAndTheCommit() throws IOException {
        Path run = new TinyRun(folder).train("made", "train.epochs=1");
        String provenance = Files.readString(run.resolve("provenance.yaml"));
        assertThat(provenance).containsPattern("(?m)^djinn: \"\\d+\\.\\d+");
        assertThat(provenance).containsPattern("(?m)^commit: \"?([0-9a-f]{40,64}(-dirty)?|unknown)\"?$");
    }
}
