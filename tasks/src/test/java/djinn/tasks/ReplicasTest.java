package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.ImageBatch;
import djinn.ops.Activations;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Several copies of a model, here all on the processor, learn from shares of each batch. */
class ReplicasTest {

    private static final String[] TWO = {"train.device=cpu", "train.devices=2"};

    @TempDir
    private static Path folder;

    private static TinyRun tiny;

    @BeforeAll
    static void makeData() {
        tiny = new TinyRun(folder);
    }

    /** A network without batch norm and dropout: an example's gradient does not depend on those beside it. */
    private static final class Plain extends ArrayBlock {

        private final Conv2d convolution = child("convolution", new Conv2d(1, 6, Window.of(3)));
        private final Linear head = child("head", new Linear(6 * 36, 3));

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray maps = Activations.silu(convolution.forward(x, pass)); // (N, 1, 8, 8) -> (N, 6, 6, 6)
            return head.forward(maps.flatten(1, -1), pass); // (N, 3)
        }
    }

    private static Task<ImageBatch> plain(ClassificationRecipe recipe) {
        ClassificationTask task = ClassificationTask.of(recipe);
        return new DelegatingTask(task) {
            @Override
            public NamedBlock newModel() {
                return new Plain();
            }

            @Override
            public Product product(NamedBlock model) {
                return new Product(model, "", Map.of());
            }
        };
    }

    private static Path fit(String name, Task<?> task, Recipe recipe) {
        Path run = folder.resolve(name);
        assertThat(new Trainer(task, recipe, run, List.of()).fit()).isEqualTo(Ending.COMPLETED);
        return run;
    }

    private static void assertClose(Path run, Path other, double tolerance) {
        try (NDManager manager = PyTorch.newManager();
                Safetensors one = Safetensors.open(run.resolve("last/checkpoint.safetensors"));
                Safetensors two = Safetensors.open(other.resolve("last/checkpoint.safetensors"))) {
            Map<String, NDArray> expected = one.readAll(manager);
            Map<String, NDArray> found = two.readAll(manager);
            assertThat(found).containsOnlyKeys(expected.keySet());
            expected.forEach((name, array) -> {
                if (!array.getDataType().isInteger()) {
                    assertThat(found.get(name).sub(array).abs().max().getFloat())
                            .as(name)
                            .isCloseTo(0, within((float) tolerance));
                }
            });
        }
    }

    private static String[] with(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    // 30 images: 5 batches an epoch, of 7, the last of 2; 25 batches in all
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            momentum   | {name: sgd, lr: 0.02, momentum: 0.9} | 1 | []              | 2
            adam       | {name: adam, lr: 1e-3}               | 1 | []              | 2
            collected  | {name: adam, lr: 1e-3}               | 2 | []              | 2
            threes     | {name: sgd, lr: 0.02, momentum: 0.9} | 1 | []              | 3
            mixed      | {name: sgd, lr: 0.02, momentum: 0.9} | 1 | [{name: mixup}] | 2
            """)
    void twoShareABatchAsOneHasIt(String name, String optimizer, int accumulated, String mix, int devices) {
        String[] settings = {
            "optimizer=" + optimizer,
            "schedule=constant",
            "data.mix=" + mix,
            "train={epochs: 5, batch_size: 7, accumulation_steps: " + accumulated + ", clip_norm: 1}"
        };
        ClassificationRecipe one = tiny.recipe(settings);
        ClassificationRecipe several = tiny.recipe(with(settings, "train.device=cpu", "train.devices=" + devices));
        Path alone = fit(name + "-alone", plain(one), one);
        Path shared = fit(name + "-shared", plain(several), several);
        assertClose(alone, shared, 1e-6);
    }

    @Test
    void tokensAreSharedAsImagesAre() {
        Path file = Path.of("../configs/language_model_tiny.yaml");
        List<String> settings = List.of("train.epochs=1", "optimizer.lr=1e-4");
        Recipe one = Recipes.read(file, settings);
        Recipe two = Recipes.read(file, List.of(with(settings.toArray(String[]::new), TWO)));
        assertClose(fit("words-alone", one.newTask(), one), fit("words-shared", two.newTask(), two), 1e-6);
    }

    static List<Path> tinyRecipes() throws IOException {
        return TaskContractTest.tinyRecipes();
    }

    @ParameterizedTest
    @MethodSource("tinyRecipes")
    void batchesOfEveryTaskAreShared(Path file) {
        Recipe recipe = Recipes.read(file, List.of(TWO));
        List<TrainingEvent.BatchEnded> ended = new ArrayList<>();
        Trainer[] trainer = new Trainer[1];
        String name = file.getFileName().toString().replace(".yaml", "");
        trainer[0] = new Trainer(recipe.newTask(), recipe, folder.resolve(name), List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded batch) {
                ended.add(batch);
                trainer[0].stop();
            }
        }));
        assertThat(trainer[0].fit()).isEqualTo(Ending.INTERRUPTED);
        assertThat(ended.get(0).figures().get()).isNotEmpty();
        assertThat(folder.resolve(name).resolve("last/checkpoint.safetensors")).exists();
    }

    @Test
    void aRunThatIsKilledGoesOnToTheSameBytes() throws IOException {
        Path straight = tiny.train("straight", TWO);
        Path cut = tiny.train("cut", tiny.recipe(TWO), (event, run) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 0 && batch.batch() == 4) {
                run.stop();
            } else if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                throw new Killed();
            }
        });
        assertThat(TinyRun.resume(cut)).isEmpty();
        for (String name : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(cut.resolve(name)).hasSameBinaryContentAs(straight.resolve(name));
        }
        assertThat(Files.readString(straight.resolve("train.log"))).contains("trained on cpu, cpu");
        assertThat(Files.readString(straight.resolve("provenance.yaml"))).contains("devices: \"cpu, cpu\"");
    }

    @Test
    void aRunMayGoOnOnOtherDevicesAndSaysSo() throws IOException {
        Path run = tiny.train("moved", tiny.recipe(), (event, training) -> {
            if (event instanceof TrainingEvent.EpochEnded) {
                training.stop();
            }
        });
        assertThat(TinyRun.resume(run, TWO))
                .singleElement()
                .asString()
                .contains("trained on cpu, now on cpu, cpu: its last digits", "batch norm");
        assertThat(Files.readString(run.resolve("provenance.yaml")))
                .contains("key: devices", "key: train.device", "key: train.devices");
        assertThat(RunFolder.open(run).isTrained()).isTrue();
    }

    @Test
    void whatCannotBeSharedIsRefused() {
        assertThatThrownBy(() -> tiny.train("small", with(TWO, "train.batch_size=3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train.batch_size: expected at least 4 for 2 devices, as batch norm learns of 2 examples or"
                        + " more, got 3");
        assertThatThrownBy(() -> tiny.train("none", "train.device=cuda:7"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("train.device: expected one of cpu")
                .hasMessageContaining("got cuda:7");
        assertThat(tiny.runs().resolve("small")).doesNotExist();
        assertThat(tiny.runs().resolve("none")).doesNotExist();
        assertThatThrownBy(() -> tiny.recipe("train.device=gpu")).hasMessageContaining("got 'gpu'");
        assertThatThrownBy(() -> tiny.recipe("train.devices=0")).hasMessageContaining("from 1 to 999, got 0");
        assertThatThrownBy(() -> tiny.recipe("train.device=cuda", "train.devices=cuda:0,cuda:1"))
                .hasMessageContaining("expected device or the names of devices, got both");
    }
}
