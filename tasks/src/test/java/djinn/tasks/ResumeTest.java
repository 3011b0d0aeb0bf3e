package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.tasks.TinyRun.Killed;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.Provenance;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run folder says of its run, and what becomes of one that lost a part. */
class ResumeTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private static TrainingRun resumed(Path path, List<String> lines, String... overrides) {
        RunFolder run = RunFolder.open(path);
        return TrainingRun.resume(run, Recipes.of(run, List.of(overrides)), List.of(event -> {
            if (event instanceof TrainingEvent.Noted noted) {
                lines.add(noted.message());
            } else if (event instanceof TrainingEvent.Warned warned) {
                lines.add("warning: " + warned.message());
            }
        }));
    }

    /** Stops a run in an epoch, counted from 0. */
    private static void stopIn(int epoch, TrainingEvent event, TrainingRun run) {
        if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == epoch) {
            run.stop();
        }
    }

    @Test
    void aRunThatWasMadeLongerStaysSo() throws IOException {
        Path run = tiny.train("longer");
        TrainingRun[] second = new TrainingRun[1];
        RunFolder opened = RunFolder.open(run);
        second[0] = TrainingRun.resume(
                opened, Recipes.of(opened, List.of("train.epochs=6")), List.of(event -> stopIn(4, event, second[0])));
        // nothing is changed before the run goes on
        assertThat(Recipes.of(opened, List.of()).train().epochs()).isEqualTo(3);
        assertThat(second[0].fit()).isEqualTo(Ending.INTERRUPTED);
        assertThat(Recipes.of(opened, List.of())).isEqualTo(tiny.recipe("train.epochs=6"));

        assertThat(resumed(run, new ArrayList<>()).fit()).isEqualTo(Ending.COMPLETED);
        assertThat(Files.readAllLines(run.resolve("results.csv"))).hasSize(7);
        assertThat(Files.readString(run.resolve("train.log"))).contains("train.epochs was 3, is 6");
        assertThat(Files.readString(run.resolve("provenance.yaml")))
                .contains("key: train.epochs", "before: \"3\"", "after: \"6\"", "step: 9");
        assertThat(Provenance.read(run.resolve("provenance.yaml")).orElseThrow().changes())
                .hasSize(1);
    }

    @Test
    void whatDecidesNothingMayChange() throws IOException {
        Path run = tiny.train("free", "train.epochs=2");
        Path moved = Files.move(tiny.images(), folder.resolve("moved"));
        String[] changes = {
            "train.epochs=3",
            "train.patience=9",
            "train.checkpoint_every=3",
            "data.workers=1",
            "data.cache_mb=0",
            "data.on_error=skip",
            "data.root=" + moved
        };
        List<String> lines = new ArrayList<>();
        resumed(run, lines, changes).fit();
        assertThat(lines)
                .noneMatch(line -> line.startsWith("warning"))
                .contains("train.patience was nothing, is 9", "data.workers was 2, is 1");
        assertThat(Recipes.of(RunFolder.open(run), List.of())).isEqualTo(tiny.recipe(changes));
        assertThat(run.resolve("checkpoints/epoch-0003.safetensors")).exists();
        assertThat(Provenance.read(run.resolve("provenance.yaml")).orElseThrow().changes())
                .hasSize(7);
    }

    @Test
    void whatDecidesSomethingIsRefusedByItsName() throws IOException {
        Path run = tiny.train("fixed");
        String recipe = Files.readString(run.resolve("recipe.yaml"));
        assertThatThrownBy(() -> resumed(
                        run,
                        new ArrayList<>(),
                        "train.batch_size=32",
                        "optimizer={name: sgd, lr: 0.01}",
                        "data.augment=[]",
                        "train.clip_norm=null",
                        "train.epochs=9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.batch_size is 4 in the run, got 32")
                .hasMessageContaining("optimizer.name is adamw in the run, got sgd")
                .hasMessageContaining("data.augment is [{name: random_affine, degrees: 5.0")
                .hasMessageContaining("train.clip_norm is 1.0 in the run, got nothing")
                .hasMessageNotContaining("betas")
                .hasMessageNotContaining("train.epochs is")
                .hasMessageEndingWith("or start a new run; 'djinn help train' lists what may change");
        assertThatThrownBy(
                        () -> resumed(run, new ArrayList<>(), "train.epochs=2").fit())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at least the 3 epochs that are done, got 2");
        assertThat(run.resolve("recipe.yaml")).hasContent(recipe);
    }

    /** How long it goes on, and how many weights are kept, may change; what is computed may not. */
    @Test
    void ofTheSwitchesThoseThatDecideNothingMayChange() throws IOException {
        Path run = tiny.train("switches", "train.epochs=1", "train.keep={top: 1}");
        resumed(run, new ArrayList<>(), "train.epochs=2", "train.max_time=1h", "train.keep.top=2")
                .fit();
        resumed(run, new ArrayList<>(), "train.epochs=3", "train.max_time=null", "train.keep=null")
                .fit();
        resumed(run, new ArrayList<>(), "train.epochs=4", "train.keep={top: 1, figure: loss, mode: min}")
                .fit();
        assertThat(run.resolve("top"))
                .isDirectoryContaining(file -> file.toString().contains("_loss-"));
        Path plain = tiny.train("plain", "train.epochs=1", "train.freeze=[mlpconv1.*]");
        for (String fixed : List.of(
                "train.val_every=2",
                "train.limit_train_batches=2",
                "train.limit_val_batches=1",
                "train.overfit_batches=1",
                "train.fast_dev_run=true",
                "train.unfreeze=[{epoch: 2, patterns: [mlpconv1.*]}]")) {
            assertThatThrownBy(() -> resumed(plain, new ArrayList<>(), "train.epochs=2", fixed))
                    .as(fixed)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(fixed.substring(0, fixed.indexOf('=')) + " is ");
        }
        assertThatThrownBy(() -> resumed(run, new ArrayList<>(), "train.keep.figure=accuracy"))
                .hasMessageStartingWith("train.keep.figure is loss in the run, got accuracy");
    }

    @Test
    void theWeightsItBeganWithMayLieElsewhereButNotBeOthers() throws IOException {
        Path one = tiny.train("one", "train.epochs=1").resolve("best.safetensors");
        Path other = tiny.train("other", "train.epochs=1", "seed=9").resolve("best.safetensors");
        Path run = tiny.train("from", "model.weights=" + one, "train.epochs=1");
        Path copy = Files.copy(one, folder.resolve("copy.safetensors"));
        resumed(run, new ArrayList<>(), "model.weights=" + copy, "train.epochs=2")
                .fit();
        assertThat(Recipes.of(RunFolder.open(run), List.of()).startingWeights()).contains(copy.toString());
        assertThatThrownBy(() -> resumed(run, new ArrayList<>(), "model.weights=" + other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "model.weights is " + copy + " in the run, got " + other + ", which holds others");
        assertThatThrownBy(() -> resumed(one.getParent(), new ArrayList<>(), "model.weights=" + other))
                .hasMessageContaining("model.weights is nothing in the run");
    }

    @Test
    void dataOfOtherClassesIsRefusedAndOtherFilesAreTold() throws IOException {
        Path run = tiny.train("data", "train.epochs=1");
        Files.delete(tiny.images().resolve("train/class0/3.png"));
        List<String> lines = new ArrayList<>();
        resumed(run, lines, "train.epochs=2").fit();
        assertThat(lines).anyMatch(line -> line.startsWith("data_fingerprint was sha256:"));
        assertThat(lines).anyMatch(line -> line.startsWith("warning: the data is not what the run began with"));
        for (String part : List.of("train", "val")) {
            Files.move(tiny.images().resolve(part + "/class0"), tiny.images().resolve(part + "/other"));
        }
        assertThatThrownBy(() -> resumed(run, new ArrayList<>()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected data with the classes of the run")
                .hasMessageContaining("[class1, class2, other]");
    }

    @Test
    void aFinishedRunSaysSo() throws IOException {
        Path run = tiny.train("done");
        List<String> lines = new ArrayList<>();
        assertThat(resumed(run, lines).fit()).isEqualTo(Ending.COMPLETED);
        assertThat(lines).contains(run + " is done: 3 of 3 epochs; --set train.epochs=4 goes on");

        Path patient = tiny.train("patient", "train.epochs=9", "train.patience=2", "optimizer.lr=0");
        lines.clear();
        assertThat(resumed(patient, lines).fit()).isEqualTo(Ending.STOPPED_EARLY);
        assertThat(lines)
                .contains(patient + " is done: 3 of 9 epochs, none better for 2; --set train.patience=4 goes on");
        resumed(patient, lines, "train.patience=4").fit();
        assertThat(Files.readAllLines(patient.resolve("results.csv"))).hasSizeGreaterThan(5);
    }

    /** The best epoch is the last by far, or the first. */
    @ParameterizedTest
    @CsvSource({"missing, 0.01", "damaged, 0.01", "missing, 0.0"})
    void lostBestWeightsAreWrittenAgain(String how, String lr) throws IOException {
        String[] settings = {"optimizer.lr=" + lr, "train.checkpoint_every=1", "train.epochs=2"};
        Path run = tiny.train("lost", settings);
        Path best = run.resolve("best.safetensors");
        byte[] before = Files.readAllBytes(best);
        lose(best, how);
        List<String> lines = new ArrayList<>();
        resumed(run, lines).fit();
        assertThat(best).hasBinaryContent(before);
        assertThat(lines)
                .anyMatch(line -> line.startsWith("warning: " + best + (how.equals("missing") ? " is missing" : ": "))
                        && line.contains("written again from the checkpoint of epoch"));
        assertThat(Files.exists(run.resolve("damaged-best.safetensors"))).isEqualTo(how.equals("damaged"));
    }

    private static void lose(Path file, String how) throws IOException {
        if (how.equals("missing")) {
            Files.delete(file);
        } else {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1000] ^= 1;
            Files.write(file, bytes);
        }
    }

    /** At a rate of zero all epochs are the same, and the first stays the best. */
    @Test
    void whereTheBestEpochIsGoneTheNewestIsTaken() throws IOException {
        Path run = tiny.train("gone", "optimizer.lr=0", "train.ema_decay=null");
        Files.delete(run.resolve("best.safetensors"));
        List<String> lines = new ArrayList<>();
        resumed(run, lines).fit();
        assertThat(lines)
                .anyMatch(line -> line.contains("no checkpoint of epoch 1, the best, is left: the newest, of epoch 3,"
                        + " are taken (accuracy "));
        try (Safetensors best = Safetensors.open(run.resolve("best.safetensors"))) {
            assertThat(best.metadata()).containsEntry("djinn.epoch", "3");
        }
        assertThat(Files.readString(run.resolve("train.log"))).contains("done at step 9: best epoch 3");
        // and from then on it is the best
        lines.clear();
        resumed(run, lines).fit();
        assertThat(lines).noneMatch(line -> line.startsWith("warning"));
    }

    @Test
    void inTheMiddleOfAnEpochTheNextBestTakesItsPlace() throws IOException {
        Path run = tiny.train("middle", tiny.recipe("optimizer.lr=0", "train.ema_decay=null"), (event, training) -> {
            stopIn(2, event, training);
        });
        Files.delete(run.resolve("best.safetensors"));
        Files.delete(run.resolve("last/previous.safetensors"));
        List<String> lines = new ArrayList<>();
        resumed(run, lines).fit();
        assertThat(lines).anyMatch(line -> line.contains("the best from epoch 3 on will take its place"));
        assertThat(run.resolve("best.safetensors")).isNotEmptyFile();
    }

    @Test
    void withoutItsCheckpointsARunIsNotBegunAnew() throws IOException {
        Path run = tiny.train("gone");
        byte[] best = Files.readAllBytes(run.resolve("best.safetensors"));
        delete(run.resolve("last"));
        assertThatThrownBy(() -> resumed(run, new ArrayList<>()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected the checkpoint of a run of 3 epochs, found none")
                .hasMessageContaining("--weights " + run.resolve("best.safetensors"));
        Files.delete(run.resolve("results.csv"));
        assertThatThrownBy(() -> resumed(run, new ArrayList<>()).fit())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found none, but best weights of epoch");
        assertThat(run.resolve("best.safetensors")).hasBinaryContent(best);
    }

    @Test
    void bestWeightsBeforeTheEndOfTheFirstEpochAreNotYetThere() {
        Path run = tiny.train("early", tiny.recipe(), (event, training) -> stopIn(0, event, training));
        assertThatThrownBy(() -> RunFolder.open(run).best())
                .isInstanceOf(DataException.class)
                .hasMessage(run.resolve("best.safetensors")
                        + ": there is none yet, for no epoch of this run is over; go on with 'djinn train --resume "
                        + run + "'");
    }

    /** Bad weights, bad data, a divergence, a mistake in a pattern, and an interruption before the first step. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.weights=%s/none.safetensors",
                "model.weights=%s/bad.safetensors",
                "data.root=%s/broken",
                "optimizer={name: sgd, lr: 1e30}",
                "train.freeze=[nothing.*]",
                "schedule={name: plateau, metric: nothing}",
                "stop"
            })
    void aStartThatStopsLeavesNoFolder(String setting) throws IOException {
        Files.writeString(folder.resolve("bad.safetensors"), "bad");
        copy(tiny.images(), folder.resolve("broken"));
        Files.writeString(folder.resolve("broken/train/class0/3.png"), "no image");
        boolean stopped = setting.equals("stop");
        String[] settings = stopped
                ? new String[] {}
                : new String[] {setting.formatted(folder), "train.clip_norm=null", "train.ema_decay=null"};
        if (stopped) {
            TrainingRun run = TrainingRun.start(tiny.recipe(), tiny.runs(), "stopped", List.of());
            run.stop();
            assertThat(run.fit()).isEqualTo(Ending.INTERRUPTED);
        } else {
            assertThatThrownBy(() -> tiny.train("stopped", settings)).isInstanceOf(RuntimeException.class);
        }
        if (Files.exists(tiny.runs())) {
            assertThat(tiny.runs()).isEmptyDirectory();
        }
    }

    @Test
    void aRunThatTrainedKeepsItsFolder() throws IOException {
        assertThatThrownBy(() -> tiny.train("trained", tiny.recipe(), (event, training) -> {
                    if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                        throw new DataException("a disk that is full");
                    }
                }))
                .isInstanceOf(DataException.class);
        Path run = tiny.runs().resolve("trained");
        assertThat(run.resolve("last/checkpoint.safetensors")).exists();
        assertThat(Files.readString(run.resolve("train.log"))).contains("failed: a disk that is full");
    }

    @Test
    void aResumedRunThatStopsAtOnceKeepsItsFolder() {
        Path run = tiny.train("again", tiny.recipe(), (event, training) -> {
            if (event instanceof TrainingEvent.Started) {
                throw new Killed();
            }
        });
        TrainingRun again = resumed(run, new ArrayList<>());
        again.stop();
        assertThat(again.fit()).isEqualTo(Ending.INTERRUPTED);
        assertThat(run.resolve("recipe.yaml")).exists();
    }

    private static void delete(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
