package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.training.LearningRateFinder;
import djinn.training.TrainingEvent;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a network that are frozen at first and trained later. Three steps are an epoch. */
class UnfreezingTest {

    private static final String[] LATER = {
        "train.freeze=['mlpconv1.*', 'mlpconv2.*']",
        "train.unfreeze=[{epoch: 2, patterns: ['mlpconv2.*']}, {epoch: 3, patterns: ['mlpconv1.conv.*']}]",
        "train.checkpoint_every=1"
    };

    private static final String[] ALL = {
        "train.freeze=['*']",
        "train.unfreeze=[{epoch: 2, patterns: ['*']}]",
        "train.checkpoint_every=1",
        "train.clip_norm=1"
    };

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private static Path checkpoint(Path run, int epoch) {
        return run.resolve("checkpoints/epoch-000" + epoch + ".safetensors");
    }

    /** Weights, and the statistics of batch norm with them, stand still until their epoch. */
    @Test
    void whatIsUnfrozenLearnsFromItsEpochOn() {
        Path run = tiny.train("later", LATER);
        try (NDManager manager = PyTorch.newManager();
                Safetensors first = Safetensors.open(checkpoint(run, 1));
                Safetensors second = Safetensors.open(checkpoint(run, 2));
                Safetensors third = Safetensors.open(checkpoint(run, 3))) {
            for (String name : first.names()) {
                if (!name.startsWith("model.")) {
                    continue;
                }
                boolean inSecond = !first.read(manager, name).contentEquals(second.read(manager, name));
                boolean inThird = !second.read(manager, name).contentEquals(third.read(manager, name));
                assertThat(inSecond).as(name).isEqualTo(!name.startsWith("model.mlpconv1."));
                assertThat(inThird)
                        .as(name)
                        .isEqualTo(!name.startsWith("model.mlpconv1.") || name.startsWith("model.mlpconv1.conv."));
            }
            assertThat(first.names()).noneMatch(name -> name.matches("optimizer\\.exp_avg\\.mlpconv[12]\\..*"));
            assertThat(second.names())
                    .anyMatch(name -> name.startsWith("optimizer.exp_avg.mlpconv2."))
                    .noneMatch(name -> name.startsWith("optimizer.exp_avg.mlpconv1."));
            // the optimizer knows each for as long as it is trained
            assertThat(third.read(manager, "optimizer.step.head.weight").getFloat())
                    .isEqualTo(9);
            assertThat(third.read(manager, "optimizer.step.mlpconv2.conv.weight")
                            .getFloat())
                    .isEqualTo(6);
            assertThat(third.read(manager, "optimizer.step.mlpconv1.conv.weight")
                            .getFloat())
                    .isEqualTo(3);
        }
    }

    @TestFactory
    Stream<DynamicTest> aRunThatIsCutGoesOnExactly() throws IOException {
        String[] averaged = {LATER[0], LATER[1], LATER[2], "train.ema_decay=null", "train.swa={start: 2, lr: 0.01}"};
        return Stream.of(LATER, averaged, ALL).flatMap(settings -> {
            Path straight = tiny.train("straight" + settings.length, settings);
            return Stream.of(0, 1, 2)
                    .flatMap(epoch -> Stream.of(true, false)
                            .map(kill -> DynamicTest.dynamicTest(
                                    (kill ? "killed" : "stopped") + " in epoch " + (epoch + 1) + " of "
                                            + settings.length,
                                    () -> requireSame(straight, settings, epoch, kill))));
        });
    }

    private void requireSame(Path straight, String[] settings, int epoch, boolean kill) {
        Path run = tiny.train("cut", tiny.recipe(settings), (event, training) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == epoch && batch.batch() == 4) {
                if (kill) {
                    throw new Killed();
                }
                training.stop();
            }
        });
        TinyRun.resume(run);
        for (String file : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(run.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
        }
    }

    /** All is frozen at first: an epoch that looks, whatever the learning rate, and then the training begins. */
    @Test
    void allMayBeFrozenAtFirst() {
        List<String> lines = new ArrayList<>();
        Path run = tiny.train("all", tiny.recipe(ALL), (event, training) -> {
            if (event instanceof TrainingEvent.Noted noted) {
                lines.add(noted.message());
            }
        });
        Path faster = tiny.train(
                "faster",
                Stream.concat(Stream.of(ALL), Stream.of("optimizer.lr=0.5")).toArray(String[]::new));
        assertThat(lines)
                .contains("nothing is trained before epoch 2: train.freeze freezes all of it until then")
                .anyMatch(line -> line.startsWith("from epoch 2 on "));
        try (NDManager manager = PyTorch.newManager();
                Safetensors first = Safetensors.open(checkpoint(run, 1));
                Safetensors second = Safetensors.open(checkpoint(run, 2));
                Safetensors same = Safetensors.open(checkpoint(faster, 1))) {
            assertThat(first.names()).noneMatch(name -> name.startsWith("optimizer."));
            for (String name : first.names()) {
                if (name.startsWith("model.")) {
                    assertThat(first.read(manager, name).contentEquals(same.read(manager, name)))
                            .as(name)
                            .isTrue();
                    assertThat(first.read(manager, name).contentEquals(second.read(manager, name)))
                            .as(name)
                            .isFalse();
                }
            }
            assertThat(second.read(manager, "optimizer.step.head.weight").getFloat())
                    .isEqualTo(3);
        }
    }

    @Test
    void whatNeverLearnsIsRefused() {
        assertThatThrownBy(() -> tiny.train("never", "train.freeze=['*']"))
                .hasMessage(
                        "train.freeze: expected something that is trained, got [*], by which nothing ever is; leave out"
                                + " what is to learn, such as the head, or begin it later by train.unfreeze");
        assertThatThrownBy(() -> new LearningRateFinder(1e-4, 1, 20)
                        .find(tiny.recipe(ALL).newTask(), tiny.recipe(ALL), (step, point) -> {}))
                .hasMessageStartingWith("expected something that is trained in the first epoch")
                .hasMessageContaining("nothing is trained before epoch 2");
    }

    @Test
    void whatCannotBeUnfrozenIsRefused() {
        assertThatThrownBy(() -> tiny.recipe("train.unfreeze=[{epoch: 2, patterns: ['*']}]"))
                .hasMessageContaining("expected freeze beside unfreeze, got none");
        assertThatThrownBy(() ->
                        tiny.recipe("train.freeze=['mlpconv1.*']", "train.unfreeze=[{epoch: 1, patterns: ['*']}]"))
                .hasMessageContaining("expected epoch of at least 2, got 1");
        assertThatThrownBy(() ->
                        tiny.recipe("train.freeze=['mlpconv1.*']", "train.unfreeze=[{epoch: 4, patterns: ['*']}]"))
                .hasMessageContaining("expected unfreeze in an epoch of at most the 3 epochs, got 4");
        assertThatThrownBy(
                        () -> tiny.recipe("train.freeze=['mlpconv1.*']", "train.unfreeze=[{epoch: 2, patterns: []}]"))
                .hasMessageContaining("expected patterns of names, got none");
        assertThatThrownBy(() -> tiny.train(
                        "none", "train.freeze=['mlpconv1.*']", "train.unfreeze=[{epoch: 2, patterns: ['head.*']}]"))
                .hasMessageContaining("train.unfreeze: the pattern 'head.*' matches nothing that train.freeze freezes");
    }
}
