package djinn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunListTest {

    @TempDir
    private Path folder;

    @Test
    void aRunIsToldByItsFolder() throws IOException {
        RunFacts facts = RunFacts.of(ExampleRun.write(folder, "digits"));
        assertThat(facts.task()).isEqualTo("classification");
        assertThat(facts.model()).isEqualTo("nin_small");
        assertThat(facts.bestWords()).isEqualTo("accuracy 94.00%");
        assertThat(facts.bestEpoch()).hasValue(4);
        assertThat(facts.epochWords()).isEqualTo("5 of 5");
        assertThat(facts.seconds()).isEqualTo(6.25);
        assertThat(facts.state()).isEqualTo(RunState.FINISHED);
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder.resolve("digits"))) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertThat(facts.bytes()).isEqualTo(bytes);
    }

    @Test
    void howARunStandsIsReadFromItsLog() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        ExampleRun.log(run.path(), "stopped early at step 9: best epoch 2");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.STOPPED_EARLY);
        ExampleRun.log(run.path(), "interrupted at step 9, all saved");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.INTERRUPTED);
        ExampleRun.log(run.path(), "failed: the loss is NaN at step 9");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.FAILED);
        ExampleRun.log(run.path(), "out of time at step 9: best epoch 2");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.OUT_OF_TIME);
        // it was to go on, and was not changed
        Files.writeString(
                run.file("train.log"),
                Files.readString(run.file("train.log"))
                        + "2026-01-31T12:09:00+01:00 command: djinn train --resume x --epochs 1\n"
                        + "2026-01-31T12:09:01+01:00 refused: expected at least the 2 epochs that are done, got 1\n");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.OUT_OF_TIME);
        // it went on since
        Files.writeString(
                run.file("train.log"),
                Files.readString(run.file("train.log"))
                        + "2026-01-31T12:10:00+01:00 command: djinn train --resume x\n");
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.RUNNING);
        FileTime old = FileTime.from(Instant.now().minus(1, ChronoUnit.HOURS));
        try (Stream<Path> files = Files.list(run.path())) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, old);
            }
        }
        assertThat(RunFacts.of(run).state()).isEqualTo(RunState.UNFINISHED);
    }

    @Test
    void whatIsNoRunIsCounted() throws IOException {
        ExampleRun.write(folder, "b", "train.epochs=9");
        ExampleRun.write(folder, "a");
        Files.createDirectories(folder.resolve("empty"));
        ExampleRun.write(folder.resolve("sweep"), "trial-001");
        RunList list = RunList.of(folder);
        assertThat(list.runs()).extracting(RunFacts::name).containsExactly("a", "b");
        assertThat(list.leftOut().orElseThrow())
                .startsWith(
                        "2 folders are no runs (no recipe.yaml) and left out: empty, sweep (holds runs: djinn runs");
        assertThatThrownBy(() -> RunList.of(folder.resolve("none")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no such folder");
    }

    @Test
    void theBestComesFirstByItsGoal() throws IOException {
        RunFolder low = ExampleRun.write(folder, "low");
        ExampleRun.write(folder, "high");
        RunFolder none = ExampleRun.write(folder, "none");
        Files.writeString(low.file("results.csv"), ExampleRun.results(2));
        Files.delete(none.file("results.csv"));
        RunList list = RunList.of(folder);
        assertThat(list.sorted("best").runs()).extracting(RunFacts::name).containsExactly("high", "low", "none");
        assertThat(list.sorted("epochs").runs())
                .extracting(RunFacts::epochsDone)
                .isEqualTo(List.of(5, 2, 0));
        for (String order : RunList.orders()) {
            assertThat(list.sorted(order).runs()).hasSize(3);
        }
        assertThatThrownBy(() -> list.sorted("bets")).hasMessageContaining("did you mean 'best'?");
    }
}
