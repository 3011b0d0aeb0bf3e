package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import djinn.config.RecipeException;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.recipe.Swa;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
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

/** Stochastic weight averaging, from the recipe to the bytes. */
class WeightAverageTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private static String[] averaging(String swa, String... more) {
        List<String> settings = new ArrayList<>(List.of("train.ema_decay=null", "train.swa=" + swa));
        settings.addAll(List.of(more));
        return settings.toArray(new String[0]);
    }

    /** The learning rate of each epoch's last step. */
    private List<Double> rates(String name, String... settings) throws IOException {
        Path run = tiny.train(name, settings);
        return Files.readAllLines(run.resolve("results.csv")).stream()
                .skip(1)
                .map(row -> Double.valueOf(row.split(",", -1)[2]))
                .toList();
    }

    private static Map<String, NDArray> arrays(NDManager manager, Path file, String prefix) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        try (Safetensors saved = Safetensors.open(file)) {
            saved.readAll(manager).forEach((name, array) -> {
                if (name.startsWith(prefix)) {
                    arrays.put(name.substring(prefix.length()), array);
                }
            });
        }
        return arrays;
    }

    private static Path checkpoint(Path run, int epoch) {
        return run.resolve("checkpoints/epoch-000" + epoch + ".safetensors");
    }

    @Test
    void theAverageIsTheMeanOfTheEpochsFromTheFirst() {
        Path run =
                tiny.train("averaged", averaging("{start: 2, lr: 0.02}", "train.epochs=4", "train.checkpoint_every=1"));
        try (NDManager manager = PyTorch.newManager()) {
            assertThat(arrays(manager, checkpoint(run, 1), "swa.")
                            .get("n_averaged")
                            .getLong())
                    .isZero();
            for (int last : new int[] {2, 3, 4}) {
                Map<String, NDArray> average = arrays(manager, checkpoint(run, last), "swa.");
                assertThat(average.remove("n_averaged").getLong()).isEqualTo(last - 1);
                int compared = 0;
                for (Map.Entry<String, NDArray> entry : average.entrySet()) {
                    if (!entry.getKey().endsWith("weight") && !entry.getKey().endsWith("bias")) {
                        continue;
                    }
                    NDArray sum = entry.getValue().zerosLike();
                    for (int epoch = 2; epoch <= last; epoch++) {
                        sum = sum.add(arrays(manager, checkpoint(run, epoch), "model.")
                                .get(entry.getKey()));
                    }
                    NDArray difference = sum.div(last - 1).sub(entry.getValue());
                    assertThat(difference.abs().max().getFloat())
                            .as(entry.getKey())
                            .isLessThan(1e-6f);
                    compared++;
                }
                assertThat(compared).isGreaterThan(10);
            }
            // the epochs differ: no mean of the same
            NDArray two = arrays(manager, checkpoint(run, 2), "model.").get("head.weight");
            NDArray four = arrays(manager, checkpoint(run, 4), "model.").get("head.weight");
            assertThat(two.sub(four).abs().max().getFloat()).isGreaterThan(1e-3f);
        }
    }

    @Test
    void batchNormsStatisticsAreTheMeanOfThoseOfTheBatches() {
        String[] settings = averaging("{start: 2, lr: 0.02}", "data.augment=[]");
        Path run = tiny.train("statistics", settings);
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> average = arrays(manager, run.resolve("last/checkpoint.safetensors"), "swa.");
            List<NDArray> means = new ArrayList<>();
            List<NDArray> variances = new ArrayList<>();
            try (Batches<ImageBatch> batches =
                    ClassificationTask.of(tiny.recipe(settings)).training().batches(TinyRun.EPOCHS - 1, 0)) {
                while (batches.hasNext()) {
                    try (ImageBatch batch = batches.next()) {
                        NDArray x = Conv2d.conv2d(
                                        batch.images(manager),
                                        average.get("mlpconv1.conv.weight"),
                                        null,
                                        new Shape(1, 1),
                                        new Shape(1, 1))
                                .singletonOrThrow();
                        NDArray byChannel =
                                x.transpose(1, 0, 2, 3).reshape(x.getShape().get(1), -1);
                        NDArray mean = byChannel.mean(new int[] {1}, true);
                        long n = byChannel.getShape().get(1);
                        means.add(mean.flatten());
                        variances.add(
                                byChannel.sub(mean).square().sum(new int[] {1}).div(n - 1));
                    }
                }
            }
            assertThat(means).hasSize(TinyRun.BATCHES);
            requireMean(means, average.get("mlpconv1.bn.running_mean"));
            requireMean(variances, average.get("mlpconv1.bn.running_var"));
            assertThat(average.get("mlpconv3.bn2.num_batches_tracked").getLong())
                    .isEqualTo(TinyRun.BATCHES);
        }
    }

    private static void requireMean(List<NDArray> parts, NDArray mean) {
        NDArray sum = parts.stream().reduce(NDArray::add).orElseThrow();
        NDArray difference = sum.div(parts.size()).sub(mean).abs();
        assertThat(difference.max().getFloat())
                .isLessThan(1e-5f * mean.abs().max().getFloat());
    }

    @Test
    void frozenStatisticsStay() {
        Path run = tiny.train("frozen", averaging("{start: 2, lr: 0.02}", "train.freeze=[mlpconv1.*]"));
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> average = arrays(manager, run.resolve("last/checkpoint.safetensors"), "swa.");
            assertThat(average.get("mlpconv1.bn.running_var").toFloatArray()).containsOnly(1);
            assertThat(average.get("mlpconv1.bn.running_mean").toFloatArray()).containsOnly(0);
            assertThat(average.get("mlpconv2.bn.running_mean").toFloatArray()).doesNotContain(0);
        }
    }

    @Test
    void theAverageIsWhatIsValidatedFromTheFirstEpochOn() {
        List<Map<String, Double>> told = new ArrayList<>();
        ClassificationRecipe recipe = tiny.recipe(averaging("{start: 2, lr: 0.02}", "train.checkpoint_every=1"));
        TrainingRun training = TrainingRun.start(recipe, tiny.runs(), "validated", List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                told.add(ended.validation());
            }
        }));
        training.fit();
        ClassificationTask task = ClassificationTask.of(recipe);
        try (NDManager manager = PyTorch.newManager()) {
            ArrayBlock model = task.newModel();
            model.initialize(manager);
            // the same order of elements gives the same digits
            recipe.train()
                    .memoryFormat()
                    .format()
                    .convert(new NDList(StateDict.of(model).values()));
            for (int epoch = 1; epoch <= TinyRun.EPOCHS; epoch++) {
                Path file = checkpoint(training.folder().path(), epoch);
                Map<String, NDArray> weights = arrays(manager, file, epoch < 2 ? "model." : "swa.");
                weights.remove("n_averaged");
                StateDict.load(model, weights, "a checkpoint");
                assertThat(Trainer.validate(task, model).values())
                        .as("epoch " + epoch)
                        .isEqualTo(told.get(epoch - 1));
            }
        }
    }

    @Test
    void theRateIsTheSchedulesThenItsOwn() throws IOException {
        // 3 steps an epoch; the last of epoch 1 is step 2 of 15
        String[] steps = averaging("{start: 2, lr: 0.02}", "train.epochs=5");
        assertThat(rates("steps", steps).stream().mapToDouble(rate -> rate).toArray())
                .containsExactly(
                        new double[] {.005 * (1 + Math.cos(Math.PI * 2 / 15)), .02, .02, .02, .02}, within(1e-9));

        // the last step of an epoch is two thirds into it: one third, five sixths of the two epochs, and past them
        double before = .005 * (1 + Math.cos(Math.PI * 3 / 15));
        double third = (1 - Math.cos(Math.PI / 3)) / 2;
        double sixths = (1 - Math.cos(Math.PI * 5 / 6)) / 2;
        String[] annealed = averaging("{start: 2, lr: 0.02, anneal_epochs: 2}", "train.epochs=5");
        assertThat(rates("annealed", annealed).stream()
                        .mapToDouble(rate -> rate)
                        .skip(1)
                        .toArray())
                .containsExactly(
                        new double[] {third * .02 + (1 - third) * before, sixths * .02 + (1 - sixths) * before, .02, .02
                        },
                        within(1e-9));

        // half of five epochs are two; a plateau that nothing gets past halves the rate before each later one
        String[] epochs = averaging(
                "{start: 0.5, lr: 0.02, anneal_epochs: 2}",
                "train.epochs=5",
                "train.schedule_unit=epoch",
                "schedule={name: plateau, patience: 0, factor: 0.5, threshold: 0.99}");
        assertThat(rates("epochs", epochs).stream().mapToDouble(rate -> rate).toArray())
                .containsExactly(new double[] {.01, .01, .005, (.005 + .02) / 2, .02}, within(1e-9));
    }

    /** Stopped or killed before, in and after the first averaged epoch. */
    @TestFactory
    Stream<DynamicTest> aRunGoesOnExactly() {
        String[] settings = averaging("{start: 2, lr: 0.02, anneal_epochs: 1}");
        Path straight = tiny.train("straight", settings);
        int epoch = TinyRun.BATCHES + 1;
        Stream<DynamicTest> killed = IntStream.of(5, 1 + epoch, 1 + epoch + 4, 1 + 2 * epoch, 1 + 2 * epoch + 4)
                .mapToObj(at -> DynamicTest.dynamicTest("killed at event " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("killed" + at, tiny.recipe(settings), (event, training) -> {
                        if (++seen[0] == at) {
                            throw new Killed();
                        }
                    });
                    assertThat(seen[0]).isEqualTo(at);
                    TinyRun.resume(run);
                    requireSame(run, straight);
                }));
        Stream<DynamicTest> stopped = IntStream.of(3, TinyRun.BATCHES, TinyRun.BATCHES + 4, 2 * TinyRun.BATCHES + 2)
                .mapToObj(at -> DynamicTest.dynamicTest("stopped at batch " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("stopped" + at, tiny.recipe(settings), (event, training) -> {
                        if (event instanceof TrainingEvent.BatchEnded && ++seen[0] == at) {
                            training.stop();
                        }
                    });
                    assertThat(seen[0]).isLessThan(at + 3);
                    TinyRun.resume(run);
                    requireSame(run, straight);
                }));
        return Stream.concat(killed, stopped);
    }

    private static void requireSame(Path run, Path straight) {
        for (String file : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(run.resolve(file)).as(file).hasSameBinaryContentAs(straight.resolve(file));
        }
    }

    @Test
    void aRunMadeLongerAveragesAnewFromItsLaterStart() {
        Path run = tiny.train("longer", averaging("{start: 0.5, lr: 0.02}", "train.epochs=2"));
        TinyRun.resume(run, "train.epochs=6", "train.checkpoint_every=1");
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> average = arrays(manager, checkpoint(run, 4), "swa.");
            assertThat(average.get("n_averaged").getLong()).isOne();
            NDArray weights = arrays(manager, checkpoint(run, 4), "model.").get("head.weight");
            assertThat(average.get("head.weight").contentEquals(weights)).isTrue();
            assertThat(arrays(manager, checkpoint(run, 6), "swa.")
                            .get("n_averaged")
                            .getLong())
                    .isEqualTo(3);
        }
    }

    @Test
    void aStartIsAShareOrANumber() {
        assertThat(new Swa(.75, 1, 0).firstEpoch(100)).isEqualTo(75);
        assertThat(new Swa(.29, 1, 0).firstEpoch(100)).isEqualTo(29);
        assertThat(new Swa(.75, 1, 0).firstEpoch(3)).isEqualTo(2);
        assertThat(new Swa(0, 1, 0).firstEpoch(100)).isZero();
        assertThat(new Swa(1, 1, 0).firstEpoch(100)).isZero();
        assertThat(new Swa(76, 1, 0).firstEpoch(100)).isEqualTo(75);
        assertThat(tiny.recipe(averaging("{lr: 0.05}")).train().swa()).contains(new Swa(.75, .05, 0));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        Map<String, String> problems = new LinkedHashMap<>();
        problems.put("{start: 1.5, lr: 0.1}", "expected start as a share of the epochs below 1");
        problems.put("{start: -1, lr: 0.1}", "expected start as a share of the epochs below 1");
        problems.put("{lr: 0}", "expected lr above 0");
        problems.put("{lr: 0.1, anneal_epochs: -1}", "anneal_epochs of at least 0");
        problems.put("{start: 4, lr: 0.1}", "expected swa.start of at most the 3 epochs, got 4.0");
        problems.forEach((swa, problem) -> assertThatThrownBy(() -> tiny.recipe(averaging(swa)))
                .as(swa)
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining(problem)
                .hasMessageContaining("train"));
        assertThatThrownBy(() -> tiny.recipe("train.swa={lr: 0.1}"))
                .hasMessageContaining("expected ema_decay or swa, got both");
    }
}
