package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.DivergedException;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    @Test
    void aRunLearnsAndLeavesItsFolder() throws IOException {
        Path run = tiny.train("tiny", "train.epochs=8");
        for (String file : List.of(
                "recipe.yaml",
                "provenance.yaml",
                "labels.txt",
                "results.csv",
                "best.safetensors",
                "last/checkpoint.safetensors",
                "last/previous.safetensors",
                "curves.png",
                "confusion_matrix.png",
                "per_class.csv",
                "train.log")) {
            assertThat(run.resolve(file)).as(file).isNotEmptyFile();
        }
        List<String> rows = Files.readAllLines(run.resolve("results.csv"));
        assertThat(rows.get(0))
                .isEqualTo("epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds");
        assertThat(rows).hasSize(9);
        assertThat(rows.get(8)).startsWith("8,24,");
        assertThat(Double.parseDouble(rows.get(8).split(",", -1)[4])).isGreaterThan(.9);
        assertThat(Files.readAllLines(run.resolve("labels.txt"))).containsExactly("class0", "class1", "class2");
        assertThat(Recipes.of(RunFolder.open(run), List.of())).isEqualTo(tiny.recipe("train.epochs=8"));
    }

    @Test
    void theSameRecipeGivesTheSameBytesWhateverTheThreads() throws IOException {
        Path one = tiny.train("one", "data.workers=1");
        Path two = tiny.train("one", "data.workers=3");
        assertThat(two.getFileName()).hasToString("one-2");
        assertThat(bytes(two)).isEqualTo(bytes(one));
        assertThat(bytes(tiny.train("other", "seed=4"))).isNotEqualTo(bytes(one));
    }

    /** A run asked to stop at a batch saves there, and goes on as if nothing had been. */
    @TestFactory
    Stream<DynamicTest> anInterruptedRunGoesOnExactly() throws IOException {
        Map<String, Long> straight = bytes(tiny.train("straight"));
        return Stream.of(1, 3, TinyRun.BATCHES, TinyRun.BATCHES + 5, 3 * TinyRun.BATCHES - 1)
                .map(at -> DynamicTest.dynamicTest("stopped at batch " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("stopped" + at, tiny.recipe(), (event, training) -> {
                        if (event instanceof TrainingEvent.BatchEnded && ++seen[0] == at) {
                            training.stop();
                        }
                    });
                    assertThat(seen[0]).isLessThan(at + 3);
                    TinyRun.resume(run);
                    Map<String, Long> resumed = bytes(run);
                    resumed.remove("last/previous.safetensors");
                    assertThat(straight).containsAllEntriesOf(resumed);
                }));
    }

    /** A run killed anywhere, in its batches or between what it writes at an epoch's end, ends with the same bytes. */
    @TestFactory
    Stream<DynamicTest> aKilledRunGoesOnExactly() throws IOException {
        Map<String, Long> straight = bytes(tiny.train("straight"));
        int events = 1 + TinyRun.EPOCHS * (TinyRun.BATCHES + 1) + 1;
        return IntStream.of(1, 2, 7, TinyRun.BATCHES + 2, TinyRun.BATCHES + 3, 2 * TinyRun.BATCHES + 3, events)
                .mapToObj(at -> DynamicTest.dynamicTest("killed at event " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("killed" + at, tiny.recipe(), (event, training) -> {
                        if (++seen[0] == at) {
                            throw new Killed();
                        }
                    });
                    assertThat(seen[0]).isEqualTo(at);
                    TinyRun.resume(run);
                    assertThat(bytes(run)).isEqualTo(straight);
                    assertThat(Files.readAllLines(run.resolve("results.csv"))).hasSize(TinyRun.EPOCHS + 1);
                }));
    }

    /** The moments within the writing of a checkpoint, as a kill would leave them. */
    @TestFactory
    Stream<DynamicTest> aCheckpointCutOffWhileWritingIsNoLoss() throws IOException {
        Map<String, Long> straight = bytes(tiny.train("straight"));
        Map<String, Moves> moments = new LinkedHashMap<>();
        moments.put("half a temporary file", last -> Files.write(last.resolve(".next.safetensors.tmp"), new byte[99]));
        moments.put("written, not yet moved", last -> {
            Files.move(last.resolve("checkpoint.safetensors"), last.resolve("next.safetensors"));
            Files.move(last.resolve("previous.safetensors"), last.resolve("checkpoint.safetensors"));
        });
        moments.put(
                "between the two moves",
                last -> Files.move(last.resolve("checkpoint.safetensors"), last.resolve("next.safetensors")));
        return moments.entrySet().stream()
                .map(moment -> DynamicTest.dynamicTest(moment.getKey(), () -> {
                    Path run = tiny.train("cut", tiny.recipe(), (event, training) -> {
                        if (event instanceof TrainingEvent.EpochEnded ended && ended.epoch() == 2) {
                            throw new Killed();
                        }
                    });
                    moment.getValue().apply(run.resolve("last"));
                    TinyRun.resume(run);
                    assertThat(bytes(run)).isEqualTo(straight);
                }));
    }

    private interface Moves {
        void apply(Path last) throws IOException;
    }

    @Test
    void aDamagedCheckpointIsReplacedByTheOneBefore() throws IOException {
        Map<String, Long> straight = bytes(tiny.train("straight"));
        Path run = killedInTheLastEpoch();
        damage(run.resolve("last/checkpoint.safetensors"));
        List<String> warnings = TinyRun.resume(run);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("checkpoint.safetensors: is damaged: checksum", "going on from the one before");
        assertThat(run.resolve("damaged-checkpoint.safetensors")).exists();
        assertThat(bytes(run).get("best.safetensors")).isEqualTo(straight.get("best.safetensors"));
        assertThat(bytes(run).get("last/checkpoint.safetensors"))
                .isEqualTo(straight.get("last/checkpoint.safetensors"));
    }

    @Test
    void withoutAnyWholeCheckpointTheRunSaysSo() throws IOException {
        Path run = killedInTheLastEpoch();
        damage(run.resolve("last/checkpoint.safetensors"));
        damage(run.resolve("last/previous.safetensors"));
        assertThatThrownBy(() -> TinyRun.resume(run))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no whole checkpoint is left");
    }

    private Path killedInTheLastEpoch() {
        return tiny.train("damaged", tiny.recipe(), (event, training) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 2) {
                throw new Killed();
            }
        });
    }

    @Test
    void aLossThatIsNoNumberStopsTheRunAndKeepsTheCheckpoint() throws IOException {
        assertThatThrownBy(() -> tiny.train("diverged", "optimizer={name: sgd, lr: 1e30}", "train.clip_norm=null"))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("the loss became NaN at step 2 of epoch 1 (learning rate 1.0E30)")
                .hasMessageContaining("optimizer.lr");

        // the rate jumps after the second epoch: the checkpoint of that epoch stays as it was
        String[] late = {
            "optimizer={name: sgd, lr: 1e-3}", "train.clip_norm=null", "train.ema_decay=null", "train.epochs=2"
        };
        Path run = tiny.train("late", late);
        Map<String, Long> before = bytes(run);
        String[] more = {"optimizer={name: sgd, lr: 1e30}", "schedule=constant", late[1], late[2], "train.epochs=3"};
        Files.writeString(run.resolve("recipe.yaml"), Recipes.toYaml(tiny.recipe(more)));
        assertThatThrownBy(() -> TinyRun.resume(run))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("of epoch 3")
                .hasMessageContaining("the checkpoint of step 6 is kept");
        assertThat(bytes(run)).isEqualTo(before);
    }

    @Test
    void patienceEndsARunThatNoLongerGetsBetter() {
        List<TrainingEvent> events = new ArrayList<>();
        TrainingRun run = TrainingRun.start(
                tiny.recipe("train.epochs=20", "train.patience=2", "optimizer.lr=0"),
                tiny.runs(),
                "patient",
                List.of(events::add));
        assertThat(run.fit()).isEqualTo(Ending.STOPPED_EARLY);
        assertThat(events.stream().filter(TrainingEvent.EpochEnded.class::isInstance))
                .hasSize(3);
        assertThat(TrainingRun.resume(run.folder(), Recipes.of(run.folder(), List.of()), List.of())
                        .fit())
                .isEqualTo(Ending.STOPPED_EARLY);
    }

    @Test
    void checkpointsAreKeptWhereAsked() throws IOException {
        Path run = tiny.train("kept", "train.checkpoint_every=2", "train.epochs=4");
        try (Stream<Path> kept = Files.list(run.resolve("checkpoints"))) {
            assertThat(kept.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("epoch-0002.safetensors", "epoch-0004.safetensors");
        }
        assertThat(run.resolve("checkpoints/epoch-0004.safetensors"))
                .hasSameBinaryContentAs(run.resolve("last/checkpoint.safetensors"));
    }

    @Test
    void theWeightsOfAnotherModelAreRefused() throws IOException {
        Path run = tiny.train("tiny");
        Path file = run.resolve("recipe.yaml");
        Files.writeString(file, Files.readString(file).replace("nin_small", "nin_cifar10"));
        assertThatThrownBy(() -> TinyRun.resume(run))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the checkpoint does not fit the model");
    }

    @Test
    void theLastValidationIsWhatTheSavedWeightsGive() {
        List<TrainingEvent> events = new ArrayList<>();
        TrainingRun run = TrainingRun.start(tiny.recipe(), tiny.runs(), "checked", List.of(events::add));
        run.fit();
        TrainingEvent.Ended ended = (TrainingEvent.Ended) events.get(events.size() - 1);
        Path best = run.folder().best();
        try (LoadedModel<ModelCard> model =
                LoadedModel.open(best, ModelCard.require(best), Preference.EMA).channelsLast()) {
            ClassificationTask task = ClassificationTask.of((ClassificationRecipe) Recipes.of(run.folder(), List.of()));
            assertThat(Trainer.validate(task, model.block()).values())
                    .isEqualTo(ended.validation().values());
        }
    }

    @Test
    void frozenParametersAndStatisticsStayAndScaledOnesMoveLess() {
        Path start = tiny.train("start", "train.epochs=1", "train.ema_decay=null");
        String weights = "model.weights=" + start.resolve("best.safetensors");
        String[] plain = {weights, "optimizer={name: sgd, lr: 0.01}", "train.epochs=1", "train.ema_decay=null"};
        List<String> frozen = new ArrayList<>(List.of(plain));
        frozen.add("train.freeze=['mlpconv1.*', '*.bn2.*']");
        frozen.add("train.lr_scale={head.*: 0, mlpconv2.conv.weight: 1}");
        Path run = tiny.train("frozen", frozen.toArray(new String[0]));
        try (NDManager manager = PyTorch.newManager();
                Safetensors before = Safetensors.open(start.resolve("best.safetensors"));
                Safetensors after = Safetensors.open(run.resolve("best.safetensors"))) {
            for (String name : before.names()) {
                boolean same = before.read(manager, name).contentEquals(after.read(manager, name));
                boolean expected = name.startsWith("mlpconv1.") || name.contains(".bn2.") || name.startsWith("head.");
                assertThat(same).as(name).isEqualTo(expected);
            }
        }
        assertThatThrownBy(() -> tiny.train("none", "train.freeze=[mlpconv9.*]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'mlpconv9.*' matches no parameter");
        assertThatThrownBy(() -> tiny.train("all", "train.freeze=['*']"))
                .hasMessageContaining("expected something that is trained, got [*]");
    }

    @Test
    void aHeadOfOtherClassesIsResetOnlyWhenAsked() {
        Path start = tiny.train("start", "train.epochs=1");
        String weights = "model.weights=" + start.resolve("best.safetensors");
        assertThatThrownBy(() -> tiny.train("strict", weights, "model.num_classes=4"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("head.weight is [3x128x1x1] where the model has [4x128x1x1]");
        List<String> notes = new ArrayList<>();
        TrainingRun run = TrainingRun.start(
                tiny.recipe(weights, "model.num_classes=4", "model.reset_head=true", "train.epochs=1"),
                tiny.runs(),
                "reset",
                List.of(event -> {
                    if (event instanceof TrainingEvent.Noted noted) {
                        notes.add(noted.message());
                    }
                }));
        run.fit();
        assertThat(notes)
                .filteredOn(line -> line.endsWith("anew: head.weight, head.bias"))
                .hasSize(1);
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1000] ^= 1;
        Files.write(file, bytes);
    }

    /** Digests of the weights and checkpoints. */
    private static Map<String, Long> bytes(Path run) throws IOException {
        Map<String, Long> digests = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")
                            || f.toString().contains("/last/"))
                    .sorted()
                    .toList()) {
                java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
                crc.update(Files.readAllBytes(file));
                digests.put(run.relativize(file).toString(), crc.getValue());
            }
        }
        return digests;
    }
}
