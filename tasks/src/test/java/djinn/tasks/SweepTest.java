package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.tasks.Sweep.Status;
import djinn.training.TrainingEvent;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;
    private Path recipe;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
        recipe = tiny.recipeFile();
    }

    /** Notes which trials begin, and hands on every event of their training. */
    private static final class Witness implements Sweep.Listener {

        private final List<String> begun = new ArrayList<>();
        private final Consumer<TrainingEvent> events;

        Witness(Consumer<TrainingEvent> events) {
            this.events = events;
        }

        @Override
        public void begins(Sweep.Trial trial) {
            begun.add(trial.name());
        }

        @Override
        public void on(TrainingEvent event) {
            events.accept(event);
        }

        @Override
        public void ended(Sweep.Outcome outcome) {}
    }

    /** Ends the process, as far as a test can. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private SweepPlan plan(String... grid) {
        return new SweepPlan(recipe.toString(), List.of("train.epochs=2"), List.of(grid), List.of(), 0, 0);
    }

    private static List<String> run(Sweep sweep) {
        Witness witness = new Witness(event -> {});
        assertThat(sweep.run(witness)).isTrue();
        return witness.begun;
    }

    private List<String> table(String name) throws IOException {
        return Files.readAllLines(tiny.runs().resolve(name).resolve("sweep.csv"));
    }

    /** The table without the column of seconds, the last but one. */
    private List<String> tableWithoutTimes(String name) throws IOException {
        return table(name).stream()
                .map(line -> line.replaceFirst("[^,]*(,[^,]*)$", "$1"))
                .toList();
    }

    @Test
    void everyCombinationIsARunOfItsOwn() throws IOException {
        Sweep sweep = Sweep.open(plan("optimizer.lr=0.01,1e-6", "train.batch_size=4,8"), tiny.runs(), "grid");
        assertThat(run(sweep)).containsExactly("trial-001", "trial-002", "trial-003", "trial-004");
        List<String> lines = table("grid");
        assertThat(lines.get(0))
                .isEqualTo("trial,optimizer.lr,train.batch_size,status,best_epoch,best_val_accuracy,train_loss,"
                        + "val_loss,seconds,error");
        assertThat(lines).hasSize(5);
        assertThat(lines.get(3)).startsWith("trial-003,1e-6,4,completed,");

        Path third = tiny.runs().resolve("grid/trial-003");
        assertThat(Recipes.of(RunFolder.open(third), List.of()))
                .isEqualTo(Recipes.read(recipe, List.of("train.epochs=2", "optimizer.lr=1e-6", "train.batch_size=4")));
        assertThat(third.resolve("best.safetensors")).isNotEmptyFile();

        String[] cells = lines.get(3).split(",", -1);
        Results results = new Results(third.resolve("results.csv"));
        List<Double> accuracies = results.column("val_accuracy");
        double best = Math.max(accuracies.get(0), accuracies.get(1));
        List<Double> losses = results.column("val_loss");
        boolean first = accuracies.get(0).equals(accuracies.get(1))
                ? losses.get(0) <= losses.get(1)
                : accuracies.get(0) == best;
        assertThat(Integer.parseInt(cells[4])).isEqualTo(first ? 1 : 2);
        assertThat(Double.parseDouble(cells[5])).isEqualTo(best);
        assertThat(Double.parseDouble(cells[6]))
                .isEqualTo(results.column("train_loss").get(1));
        assertThat(Double.parseDouble(cells[7]))
                .isEqualTo(results.column("val_loss").get(1));

        List<Double> ranked = sweep.ranking().stream()
                .map(outcome -> outcome.best().orElseThrow())
                .toList();
        assertThat(ranked).hasSize(4).isSortedAccordingTo(Comparator.reverseOrder());
    }

    @Test
    void aWholeKeyMayChange() throws IOException {
        run(Sweep.open(
                plan("optimizer={name: sgd, lr: 0.1, momentum: 0.9},{name: adamw, lr: 0.002}"), tiny.runs(), "rules"));
        assertThat(table("rules").get(1)).startsWith("trial-001,\"{name: sgd, lr: 0.1, momentum: 0.9}\",completed,");
        assertThat(Recipes.of(RunFolder.open(tiny.runs().resolve("rules/trial-002")), List.of()))
                .isEqualTo(tiny.recipe("train.epochs=2", "optimizer={name: adamw, lr: 0.002}"));
    }

    /** Stopped or killed in the second trial, the sweep ends with the same bytes. */
    @Test
    void aSweepThatBrokeOffGoesOnExactly() throws IOException {
        String axis = "optimizer.lr=0.001,0.01,0.02";
        run(Sweep.open(plan(axis), tiny.runs(), "straight"));
        for (boolean killed : List.of(false, true)) {
            String name = "broken" + killed;
            Sweep sweep = Sweep.open(plan(axis), tiny.runs(), name);
            int[] batches = new int[1];
            Witness witness = new Witness(event -> {
                if (event instanceof TrainingEvent.BatchEnded && ++batches[0] == 2 * TinyRun.BATCHES + 3) {
                    if (killed) {
                        throw new Killed();
                    }
                    sweep.stop();
                }
            });
            if (killed) {
                assertThatThrownBy(() -> sweep.run(witness)).isInstanceOf(Killed.class);
                assertThat(table(name)).hasSize(2);
            } else {
                assertThat(sweep.run(witness)).isFalse();
                assertThat(table(name)).hasSize(3);
                assertThat(table(name).get(2)).startsWith("trial-002,0.01,interrupted,,");
            }
            assertThat(witness.begun).containsExactly("trial-001", "trial-002");
            Sweep resumed = killed
                    ? Sweep.open(plan(axis), tiny.runs(), name)
                    : Sweep.resume(tiny.runs().resolve(name));
            assertThat(run(resumed)).containsExactly("trial-002", "trial-003");
            assertThat(tableWithoutTimes(name)).isEqualTo(tableWithoutTimes("straight"));
            for (int trial = 1; trial <= 3; trial++) {
                assertThat(tiny.runs().resolve(name + "/trial-00" + trial + "/best.safetensors"))
                        .hasSameBinaryContentAs(tiny.runs().resolve("straight/trial-00" + trial + "/best.safetensors"));
            }
            assertThat(run(Sweep.open(plan(axis), tiny.runs(), name))).isEmpty();
        }
    }

    @Test
    void aSweepAskedToStopBeforeItBeginsTrainsNothing() {
        Sweep sweep = Sweep.open(plan("optimizer.lr=0.001,0.01"), tiny.runs(), "unwilling");
        sweep.stop();
        assertThat(sweep.run(new Witness(event -> {}))).isFalse();
        assertThat(tiny.runs().resolve("unwilling/trial-001")).doesNotExist();
    }

    @Test
    void whatDivergesOrFailsIsRecordedAndLeavesTheOthersBe() throws IOException {
        SweepPlan rates = plan("optimizer={name: sgd, lr: 1e30},{name: sgd, lr: 0.01}");
        Sweep sweep = Sweep.open(rates, tiny.runs(), "rates");
        run(sweep);
        assertThat(table("rates").get(1)).contains(",diverged,,,,,").contains("the loss became");
        assertThat(table("rates").get(2)).contains(",completed,");
        assertThat(sweep.ranking().get(1).status()).isEqualTo(Status.DIVERGED);
        // a diverged run would diverge again
        assertThat(run(Sweep.open(rates, tiny.runs(), "rates"))).isEmpty();

        SweepPlan models = plan("model.name=unet,nin_small");
        run(Sweep.open(models, tiny.runs(), "models"));
        assertThat(table("models").get(1)).startsWith("trial-001,unet,failed,").contains("a model for classification");
        assertThat(table("models").get(2)).startsWith("trial-002,nin_small,completed,");
        assertThat(run(Sweep.open(models, tiny.runs(), "models"))).containsExactly("trial-001");
    }

    @Test
    void anotherPlanOrRecipeIsRefused() throws IOException {
        run(Sweep.open(plan("optimizer.lr=0.001"), tiny.runs(), "same"));
        assertThatThrownBy(() -> Sweep.open(plan("optimizer.lr=0.001,0.1"), tiny.runs(), "same"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "holds another sweep: grid was [optimizer.lr=0.001], is [optimizer.lr=0.001,0.1];");
        Files.writeString(recipe, Files.readString(recipe).replace("clip_norm: 1", "clip_norm: 2"));
        assertThatThrownBy(() -> Sweep.open(plan("optimizer.lr=0.001"), tiny.runs(), "same"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not what it was for trial-001");
        assertThat(table("same")).hasSize(2);
    }

    @Test
    void aValueThatCannotBeUsedIsToldBeforeAnythingIsTrained() {
        assertThatThrownBy(() -> Sweep.open(plan("optimizer.lr=0.1,fast"), tiny.runs(), "typo"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("optimizer.lr: expected a number, got 'fast'");
        assertThatThrownBy(() -> Sweep.open(plan("model.name=nin_smal"), tiny.runs(), "typo"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nin_small");
        assertThatThrownBy(() -> Sweep.open(plan("optimizer.lr=0.1"), tiny.runs(), "a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("plain folder name");
        assertThat(tiny.runs()).doesNotExist();
    }

    @Test
    void aFolderOfSomethingElseIsLeftAlone() {
        Path run = tiny.train("one", "train.epochs=1");
        assertThatThrownBy(() -> Sweep.open(plan("optimizer.lr=0.1"), tiny.runs(), "one"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("choose another name");
        assertThatThrownBy(() -> Sweep.resume(run))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("it has none");
        assertThat(run.resolve("sweep.yaml")).doesNotExist();
    }
}
