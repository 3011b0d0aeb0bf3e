package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class SweepCommandTest {

    @TempDir
    private Path folder;

    private Answer sweep(Object... more) {
        Stream<Object> first = Stream.of(
                "sweep", Answer.digits(), "--set", "train.epochs=1", "--set", "train.batch_size=240", "--runs", folder);
        return Answer.of(Stream.concat(first, Stream.of(more)).toArray());
    }

    @Test
    void aGridEndsInATableBestFirst() throws IOException {
        Path markdown = folder.resolve("table.md");
        String grid = "optimizer={name: sgd, lr: 0},{name: adamw, lr: 0.003},{name: sgd, lr: 1e30}";
        Answer first = sweep("--grid", grid, "--set", "schedule=constant", "--name", "rules", "--markdown", markdown);
        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(first.lines()).contains("trial-002 of 3: optimizer={name: adamw, lr: 0.003}");
        assertThat(first.lines()).anyMatch(line -> line.startsWith("warning: trial-003 diverged: the loss became"));

        List<String> table = Files.readAllLines(markdown);
        assertThat(table.get(0))
                .isEqualTo(
                        "| optimizer | best epoch | val accuracy | train loss | val loss | seconds | status | trial |");
        assertThat(table.get(2)).matches("\\| `\\{name: adamw, lr: 0.003\\}` \\| 1 \\| [0-9.]+ % \\|.*");
        assertThat(table.get(3)).startsWith("| `{name: sgd, lr: 0}` | 1 | ").endsWith(" | completed | trial-001 |");
        assertThat(table.get(4)).startsWith("| `{name: sgd, lr: 1e30}` |  |  |  |  | ");
        assertThat(table).hasSize(5);
        assertThat(folder.resolve("rules/trial-002/best.safetensors")).isNotEmptyFile();

        // nothing is left to train
        Answer again = Answer.of("sweep", "--resume", "--name", "rules", "--runs", folder, "--json");
        assertThat(again.code()).isZero();
        assertThat(again.err()).contains("3 trials").doesNotContain("epoch");
        assertThat(again.lines()).hasSize(3);
        JsonNode best = new ObjectMapper().readTree(again.lines().get(0));
        assertThat(best.get("trial").asString()).isEqualTo("trial-002");
        assertThat(best.get("values").get("optimizer").asString()).isEqualTo("{name: adamw, lr: 0.003}");
        assertThat(best.get("status").asString()).isEqualTo("completed");
        JsonNode diverged = new ObjectMapper().readTree(again.lines().get(2));
        assertThat(diverged.get("best_val_accuracy").isNull()).isTrue();
        assertThat(diverged.get("error").asString()).contains("the loss became");

        Answer changed = sweep("--grid", grid, "--name", "rules");
        assertThat(changed.code()).isEqualTo(2);
        assertThat(changed.err()).contains("holds another sweep: set was").hasLineCount(1);

        Answer elsewhere = sweep("--grid", grid, "--set", "schedule=constant", "--name", "rules", "--device", "cpu");
        assertThat(elsewhere.code()).isEqualTo(2);
        assertThat(elsewhere.err()).contains("train.device=cpu").hasLineCount(1);
        Answer goingOn = Answer.of("sweep", "--resume", "--name", "rules", "--runs", folder, "--device", "cpu");
        assertThat(goingOn.code()).isEqualTo(2);
        assertThat(goingOn.err()).contains("expected no --device with --resume");
    }

    @Test
    void drawsAreTrainedToo() throws IOException {
        Answer answer = sweep(
                "--random",
                "optimizer.lr=log(1e-3,1e-1)",
                "--random",
                "loss=[cross_entropy; {name: cross_entropy, label_smoothing: 0.1}]",
                "--trials",
                2,
                "--seed",
                7,
                "--name",
                "drawn");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(Files.readAllLines(folder.resolve("drawn/sweep.csv"))).hasSize(3);
    }

    /** As the README has it; a run of the recipe has its name already. */
    @Test
    void withoutANameItIsTheRecipesSweep() throws IOException {
        Files.createDirectories(folder.resolve("nin_digits"));
        String[] grid = {"--grid", "optimizer.lr=0.03,0.1", "--grid", "train.batch_size=240,480"};
        Answer first = sweep((Object[]) grid);
        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(folder.resolve("nin_digits-sweep/trial-004/best.safetensors"))
                .isNotEmptyFile();
        assertThat(Files.readString(folder.resolve("nin_digits-sweep/trial-001/train.log")))
                .contains("command: djinn sweep ")
                .contains("--grid optimizer.lr=0.03,0.1");

        // the same command goes on, another sweep gets another name
        Answer again = sweep((Object[]) grid);
        assertThat(again.out()).contains("nin_digits-sweep, 4 trials").doesNotContain("epoch 1/1");
        Answer other = sweep("--grid", "optimizer.lr=0.2");
        assertThat(other.out()).contains("nin_digits-sweep-2, 1 trials");
    }

    @Test
    void aSweepOfWhichNothingIsDoneIsNoSuccess() {
        Answer answer = sweep("--grid", "model.name=unet", "--name", "none");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out()).contains("warning: trial-001 failed: model.name: expected a model for classification");
    }

    @Test
    void mistakesAreOneLineAndTrainNothing() {
        for (Answer mistake : List.of(
                sweep("--name", "a"),
                sweep("--grid", "optimizer.lr=1", "--resume"),
                sweep("--grid", "optimizer.lr=1", "--random", "seed=int(1,2)", "--trials", 2, "--name", "a"),
                sweep("--random", "seed=int(1,2)", "--name", "a"),
                sweep("--grid", "optimizer.lr=1,fast", "--name", "a"),
                sweep("--grid", "optimizer.lt=1", "--name", "a"),
                sweep("--grid", "optimizer={name: sgd,", "--name", "a"),
                sweep("--grid", "optimizer.lr=1", "--name", "a/b"),
                Answer.of("sweep", "--name", "a", "--runs", folder))) {
            assertThat(mistake.code()).as(mistake.err()).isEqualTo(2);
            assertThat(mistake.err()).contains("error: ").hasLineCount(1);
        }
        for (Answer missing : List.of(
                Answer.of("sweep", "--resume", "--name", "a", "--runs", folder),
                sweep("--grid", "optimizer.lr=1", "--name", "a", "--resume"))) {
            assertThat(missing.code()).as(missing.err()).isEqualTo(1);
            assertThat(missing.err()).contains("there is no such folder").hasLineCount(1);
        }
        assertThat(folder).isEmptyDirectory();
    }
}
