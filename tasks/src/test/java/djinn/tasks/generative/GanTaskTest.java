package djinn.tasks.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.data.ImageFiles;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.inference.Sampling;
import djinn.inference.Tensor;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.ImageGenerator;
import djinn.predict.generative.DrawnImages;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.DivergedException;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.zoo.generative.Gan;
import djinn.zoo.generative.GanNetworks;
import djinn.zoo.generative.SmallGan;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GanTaskTest {

    @TempDir
    private Path folder;

    private GanRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), """
                task: gan
                seed: 5
                model: {latent: 6, width: 4}
                data: {source: digits, size: 8}
                critic_steps: 2
                samples: {rows: 3, columns: 3, seed: 9}
                optimizer: {name: adam, lr: 1e-3, betas: [0, 0.9]}
                critic_optimizer: {name: adam, lr: 2e-3, betas: [0, 0.9]}
                train: {epochs: 2, batch_size: 256}
                """);
        return (GanRecipe) Recipes.read(file, List.of(overrides));
    }

    private static List<TrainingEvent.EpochEnded> train(GanRecipe recipe, Path run) {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        Ending ending = new Trainer(recipe.newTask(), recipe, run, List.of(event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        epochs.add(ended);
                    }
                }))
                .fit();
        assertThat(ending).isEqualTo(Ending.COMPLETED);
        return epochs;
    }

    /** Weights and pictures by name; a header may say when. */
    private static Map<String, byte[]> files(Path run) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(run)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                files.put(run.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static Map<String, float[]> arrays(Path file) {
        Map<String, float[]> arrays = new TreeMap<>();
        try (Safetensors weights = Safetensors.open(file);
                NDManager manager = PyTorch.newManager()) {
            for (String name : weights.names()) {
                NDArray array = weights.read(manager, name);
                arrays.put(name, array.toType(DataType.FLOAT32, true).toFloatArray());
            }
        }
        return arrays;
    }

    @Test
    void bothNetworksAreToldOfAndTheGeneratorIsTheProduct() throws IOException {
        Path run = folder.resolve("run");
        List<TrainingEvent.EpochEnded> epochs = train(recipe(), run);
        Set<String> figures = Set.of("critic_loss", "generator_loss", "wasserstein", "gradient_norm");
        assertThat(epochs).hasSize(2).allSatisfy(epoch -> {
            assertThat(epoch.train()).containsOnlyKeys(figures).doesNotContainValue(Double.NaN);
            assertThat(epoch.validation()).containsOnlyKeys(figures).doesNotContainValue(Double.NaN);
            assertThat(epoch.train().get("gradient_norm")).isPositive();
        });
        try (Safetensors best = Safetensors.open(run.resolve("best.safetensors"))) {
            assertThat(best.names())
                    .contains("main.0.weight", "main.5.running_var")
                    .noneMatch(n -> n.contains("critic"));
            assertThat(best.metadata())
                    .containsEntry("djinn.task", "gan")
                    .containsEntry("djinn.latent", "6")
                    .containsEntry("djinn.size", "8");
        }
    }

    @Test
    void aSheetIsDrawnFromTheSameVectorsAfterEachEpoch() throws IOException {
        Path run = folder.resolve("run");
        train(recipe(), run);
        Pixels first = ImageFiles.read(run.resolve("samples/epoch-0001.png"), 1);
        Pixels second = ImageFiles.read(run.resolve("samples/epoch-0002.png"), 1);
        assertThat(first.height()).isEqualTo(2 + 3 * (8 + 2));
        assertThat(first.width()).isEqualTo(first.height());
        assertThat(first).isNotEqualTo(second);
        // what is opened alone draws what the task drew
        try (ImageGenerator generator = ImageGenerator.open(run.resolve("best.safetensors"))) {
            List<Pixels> images = generator.generate(9, 9);
            assertThat(ImageGrid.of(images, 3, 2)).isEqualTo(second);
            assertThat(generator.generate(70, 9).subList(0, 9)).isEqualTo(images);
            assertThat(generator.generate(9, 10)).isNotEqualTo(images);
            generator.writeSheet(folder.resolve("sheet.png"), Sampling.of(9, 9));
            assertThatThrownBy(() -> generator.generate(0, 9)).hasMessageContaining("got 0");
        }
        new SampleSheets(recipe().samples(), 8).animate(run);
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in =
                ImageIO.createImageInputStream(run.resolve("samples.gif").toFile())) {
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(2);
            assertThat(Pixels.of(reader.read(1), 1)).isEqualTo(second);
        } finally {
            reader.dispose();
        }
        assertThat(folder.resolve("sheet.png")).hasSameBinaryContentAs(run.resolve("samples/epoch-0002.png"));
    }

    @Test
    void aStoppedRunGoesOnToTheSameBytes() throws IOException {
        for (String average : List.of("train.ema_decay=null", "train.ema_decay=0.9")) {
            GanRecipe recipe = recipe(average);
            Path whole = folder.resolve("whole" + average.length());
            train(recipe, whole);
            Path parts = folder.resolve("parts" + average.length());
            for (int stop : new int[] {1, 3, 4, 8}) {
                int[] seen = new int[1];
                Trainer[] trainer = new Trainer[1];
                trainer[0] = new Trainer(recipe.newTask(), recipe, parts, List.of(event -> {
                    if (event instanceof TrainingEvent.BatchEnded && ++seen[0] == stop) {
                        trainer[0].stop();
                    }
                }));
                trainer[0].fit();
            }
            train(recipe, parts);
            Map<String, byte[]> expected = files(whole);
            Map<String, byte[]> actual = files(parts);
            // the checkpoint before the last is that of the last stop
            Stream.of(expected, actual).forEach(found -> found.remove("last/previous.safetensors"));
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            expected.forEach(
                    (name, bytes) -> assertThat(actual.get(name)).as(name).isEqualTo(bytes));
        }
    }

    /** With fewer steps in an epoch than the critic takes to one of the generator's, the generator stays as it was. */
    @Test
    void aTurnChangesItsOwnParametersAlone() throws IOException {
        Path none = folder.resolve("none");
        train(recipe("critic_steps=50", "critic_optimizer.lr=1e-30", "train.epochs=1"), none);
        Path critic = folder.resolve("critic");
        train(recipe("critic_steps=50", "train.epochs=1"), critic);
        Path generator = folder.resolve("generator");
        train(recipe("critic_optimizer.lr=1e-30", "train.epochs=1"), generator);
        Map<String, float[]> before = parameters(none);
        assertThat(changed(before, parameters(critic))).isNotEmpty().allMatch(name -> name.contains("critic."));
        assertThat(changed(before, parameters(generator))).isNotEmpty().allMatch(name -> name.contains("generator."));
    }

    @Test
    void everyNetworkLearnsOfEveryGame() throws IOException {
        for (String networks : GanNetworks.table().keySet()) {
            for (GanObjective.Game game : GanObjective.Game.values()) {
                // a penalty is of each image, which batch norms tie together
                String critic = game == GanObjective.Game.WGAN_GP && networks.equals("dcgan") ? "wgan" : networks;
                String name = game.name().toLowerCase(Locale.ROOT);
                GanRecipe recipe = recipe(
                        "model={name: " + networks + ", critic: " + critic
                                + ", latent: 3, width: 10, conditional: true}",
                        "loss={name: " + name + "}",
                        "critic_steps=1",
                        "train.epochs=1");
                Path run = folder.resolve(networks + name);
                train(recipe, run);
                try (ImageGenerator generator = ImageGenerator.open(run.resolve("best.safetensors"))) {
                    assertThat(generator.classes()).hasSize(10);
                    List<Pixels> threes = generator.generate(Sampling.of(2, 1).withLabel("3"));
                    assertThat(generator.generate(Sampling.of(4, 1)).get(3))
                            .isEqualTo(generator
                                    .generate(Sampling.of(4, 1).withLabel("3"))
                                    .get(3));
                    assertThat(threes).hasSize(2);
                    assertThatThrownBy(
                                    () -> generator.generate(Sampling.of(2, 1).withLabel("cat")))
                            .hasMessageContaining("cat");
                    assertThatThrownBy(
                                    () -> generator.generate(Sampling.of(2, 1).withSteps(4)))
                            .hasMessageContaining("steps");
                }
            }
        }
    }

    @Test
    void aClassifierJudgesWhatIsDrawn() throws IOException {
        Path file = Files.writeString(folder.resolve("classifier.yaml"), """
                task: classification
                model: {name: cifar_resnet20}
                data: {source: digits, size: 8, channels: 1}
                optimizer: {name: adam, lr: 3e-3}
                train: {epochs: 3, batch_size: 64}
                """);
        TrainingRun classifier = TrainingRun.start(Recipes.read(file, List.of()), folder, "classifier", List.of());
        assertThat(classifier.fit()).isEqualTo(Ending.COMPLETED);
        List<TrainingEvent.EpochEnded> epochs = train(
                recipe("quality={classifier: " + folder.resolve("classifier") + "}", "best={figure: frechet}"),
                folder.resolve("run"));
        assertThat(epochs).allSatisfy(epoch -> {
            assertThat(epoch.validation()).containsKeys(QualityFigures.NAMES.toArray(String[]::new));
            assertThat(epoch.validation().get("frechet")).isPositive();
            assertThat(epoch.validation().get("confidence")).isBetween(.1, 1.);
            assertThat(epoch.train()).containsEntry("frechet", Double.NaN);
        });
        // real images against themselves
        ImageJudge judge = ImageJudge.open(folder.resolve("classifier"));
        try (NDManager manager = PyTorch.newManager();
                QualityFigures figures = new QualityFigures(judge)) {
            NDArray images;
            try (Batches<ImageBatch> all =
                            recipe().data().open(1, 300).heldOut().batches(0, 0);
                    ImageBatch batch = all.next()) {
                images = batch.images(manager);
                figures.addReal(images);
                figures.addMade(images);
                double right = 0;
                float[] probabilities = judge.judge(images)
                        .get(1)
                        .argMax(1)
                        .toType(DataType.FLOAT32, false)
                        .toFloatArray();
                for (int n = 0; n < batch.size(); n++) {
                    right += probabilities[n] == batch.labels()[n] ? 1 : 0;
                }
                assertThat(right / batch.size()).isGreaterThan(.8);
            }
            assertThat(figures.byName().get("frechet").value()).isCloseTo(0, within(1e-6));
            assertThat(figures.byName().get("precision").value()).isEqualTo(1);
            assertThat(figures.byName().get("recall").value()).isEqualTo(1);
        }
        assertThatThrownBy(
                        () -> train(recipe("quality={classifier: " + folder.resolve("run") + "}"), folder.resolve("x")))
                .isInstanceOf(DataException.class);
    }

    @Test
    void aCriticThatDivergesIsTheOneThatIsNamed() throws IOException {
        GanRecipe recipe = recipe("critic_optimizer={name: sgd, lr: 1e30}", "train.epochs=3");
        assertThatThrownBy(() -> train(recipe, folder.resolve("run")))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("the loss of the critic became ")
                .hasMessageEndingWith(
                        "; try a lower optimizer.lr, or lr of the optimizer of the critic, or train.clip_norm=1");
    }

    @Test
    void theWeightsOfAClippedCriticStayWithinTheirBound() throws IOException {
        Path run = folder.resolve("run");
        GanRecipe recipe = recipe("loss={name: wgan, clip: 0.02}", "critic_steps=2", "train.epochs=1");
        List<Float> largest = new ArrayList<>();
        GanTask task = recipe.newTask();
        try (NDManager manager = PyTorch.newManager()) {
            Gan gan = task.newModel();
            Randomness.seed(1);
            gan.initialize(manager);
            task.afterStep(gan, 1);
            gan.getParameters().forEach(entry -> {
                if (entry.getKey().startsWith("critic.")) {
                    largest.add(entry.getValue().getArray().abs().max().getFloat());
                }
            });
        }
        assertThat(largest).contains(.02f).allMatch(value -> value <= .02f);
        // and as a run ends
        train(recipe, run);
        parameters(run).forEach((name, values) -> {
            for (float value : values) {
                assertThat(Math.abs(value)).as(name).isLessThanOrEqualTo(name.contains("critic.") ? .02f : 1e9f);
            }
        });
    }

    private static Map<String, float[]> parameters(Path run) throws IOException {
        try (Stream<Path> files = Files.walk(run.resolve("last"))) {
            Path newest = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow();
            Map<String, float[]> arrays = arrays(newest);
            arrays.keySet()
                    .removeIf(name -> !name.startsWith("model.") || name.contains("running") || name.contains("num_"));
            assertThat(arrays).hasSize(10 + 6);
            return arrays;
        }
    }

    private static List<String> changed(Map<String, float[]> before, Map<String, float[]> after) {
        return before.keySet().stream()
                .filter(name -> IntStream.range(0, before.get(name).length)
                        .anyMatch(i -> Math.abs(before.get(name)[i] - after.get(name)[i]) > 1e-20))
                .toList();
    }

    @Test
    void valuesBecomeTheNearestBytes() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray values = manager.create(
                    new float[] {-1, -1.5f, 0, 1, 2, 1 - 2 / 255f + .003f, 0, 0, 0, 0, 0, -1}, new Shape(2, 3, 1, 2));
            assertThat(DrawnImages.pixels(Tensor.of(values)))
                    .containsExactly(
                            new Pixels(1, 2, 3, new byte[] {0, (byte) 128, (byte) 255, 0, (byte) 255, (byte) 254}),
                            new Pixels(
                                    1, 2, 3, new byte[] {(byte) 128, (byte) 128, (byte) 128, (byte) 128, (byte) 128, 0
                                    }));
        }
    }

    /** Over any number of vectors, as ONNX Runtime computes it. */
    @Test
    void theGeneratorIsExportedAlone() {
        SmallGan.Generator generator = new SmallGan.Generator(new SmallGan.Config(1, 8, 6, 4));
        Path file = folder.resolve("generator.onnx");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(1);
            generator.initialize(manager);
            NDList vectors = new NDList(manager.randomNormal(new Shape(2, 6)));
            List<DynamicAxis> axes = List.of(DynamicAxis.BATCH);
            try (Graph graph = DynamicTrace.trace(generator, vectors, axes)) {
                OnnxWriter.write(graph, file, OnnxOptions.DEFAULT);
            }
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            OnnxCheck.require(
                    file, in -> new NDList(generator.forward(in.get(0), pass)), vectors, axes, OnnxCheck.TOLERANCE);
        }
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> ImageGenerator.open(run)).isInstanceOf(DataException.class);
        try (NDManager manager = PyTorch.newManager()) {
            Path file = folder.resolve("other.safetensors");
            Safetensors.write(
                    file,
                    Map.of("a", manager.zeros(new Shape(1))),
                    Map.of("djinn.task", "gan", "djinn.model", "nin_small"));
            assertThatThrownBy(() -> ImageGenerator.open(file))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("small_gan", "nin_small");
            Safetensors.write(file, Map.of("a", manager.zeros(new Shape(1))), Map.of("djinn.task", "segmentation"));
            assertThatThrownBy(() -> ImageGenerator.open(file))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("segmentation");
        }
    }

    @Test
    void recipesThatDoNotFitAreRefused() throws IOException {
        assertThatThrownBy(() -> recipe("data.size=30")).hasMessageContaining("multiple of 4");
        assertThatThrownBy(() -> recipe("critic_steps=0")).hasMessageContaining("critic_steps");
        assertThatThrownBy(() -> recipe("data={source: idx}")).hasMessageContaining("root");
        assertThatThrownBy(() -> recipe("loss={name: hinge, penalty: 3}")).hasMessageContaining("wgan_gp");
        GanRecipe wrong = recipe("best={figure: accuracy}");
        assertThatThrownBy(() -> train(wrong, folder.resolve("run"))).hasMessageContaining("accuracy");
    }
}
