package djinn.tasks.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.data.Batches;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.Pixels;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.segmentation.ImageSegmenter;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every segmenter of the zoo learns. */
class SegmentersTest {

    /** Networks of more parameters are tried under the tag slow. */
    private static final long LARGE = 30_000_000;

    /** Sees every 32nd pixel alone: what is finer than its grid it cannot tell. */
    private static final Set<String> COARSE = Set.of("fcn32s", "fcn32s_vgg16");

    private static final int EDGE = 128;

    @TempDir
    private Path folder;

    private interface Check {
        void of(ModelEntry entry) throws IOException;
    }

    private static Stream<DynamicTest> each(boolean large, Check check) {
        return Models.all().stream()
                .filter(entry -> entry.task().equals("segmentation"))
                .filter(entry -> entry.build().parameterCount() > LARGE == large)
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> check.of(entry)));
    }

    @TestFactory
    Stream<DynamicTest> oneStepOfEachIsFinite() {
        return each(false, this::stepIsFinite);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> oneStepOfEachLargeOneIsFinite() {
        return each(true, this::stepIsFinite);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> eachOverfitsFourImages() {
        return Stream.of(false, true).flatMap(large -> each(large, this::overfits));
    }

    private SegmentationRecipe recipe(ModelEntry entry, String data, int epochs, double lr) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
                task: segmentation
                seed: 5
                model: {name: %s%s}
                data: {%s}
                boundary: {w0: 10, sigma: 5}
                optimizer: {name: adamw, lr: %s, weight_decay: 0}
                schedule: {name: warmup_cosine, warmup: 5}
                train: {epochs: %d, batch_size: 4}
                """.formatted(
                        entry.name(),
                        entry.hasWidth() ? ", width: 16" : "",
                        data,
                        String.format(Locale.ROOT, "%.4f", lr),
                        epochs));
        return Recipes.read(file, List.of(), SegmentationRecipe.class);
    }

    private void stepIsFinite(ModelEntry entry) throws IOException {
        SegmentationTask task =
                recipe(entry, "source: shapes, size: 64, workers: 1", 1, .001).newTask();
        Randomness.seed(3);
        try (NDManager manager = PyTorch.newManager();
                Batches<MaskBatch> batches = task.training().batches(0, 0);
                MaskBatch batch = batches.next()) {
            ArrayBlock model = task.newModel();
            model.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), true);
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                Outcome outcome = task.turns().get(0).forward().run(model, batch, manager, pass);
                outcome.terms()
                        .forEach((name, value) ->
                                assertThat(value.getFloat()).as(name).isFinite().isPositive());
                Autograd.backward(outcome.total());
            }
            for (Pair<String, Parameter> parameter : model.getParameters()) {
                if (parameter.getValue().requiresGradient()) {
                    NDArray gradient = parameter.getValue().getArray().getGradient();
                    assertThat(gradient.abs().sum().getFloat())
                            .as(parameter.getKey())
                            .isFinite()
                            .isPositive();
                }
            }
        }
    }

    /** A large disc or square on a ground of another brightness. */
    private static void paint(Path part, int index) throws IOException {
        byte[] labels = new byte[EDGE * EDGE];
        byte[] values = new byte[EDGE * EDGE * 3];
        int centreX = 56 + 5 * index;
        int centreY = 70 - 4 * index;
        for (int y = 0; y < EDGE; y++) {
            for (int x = 0; x < EDGE; x++) {
                int dx = Math.abs(x - centreX);
                int dy = Math.abs(y - centreY);
                boolean inside = index % 2 == 0 ? dx * dx + dy * dy < 42 * 42 : dx < 38 && dy < 38;
                labels[y * EDGE + x] = (byte) (inside ? 1 : 0);
                for (int c = 0; c < 3; c++) {
                    values[(y * EDGE + x) * 3 + c] = (byte) (inside ? 200 - 20 * c : 60 + (x * 7 + y * 13) % 23);
                }
            }
        }
        Files.createDirectories(part.resolve("images"));
        Files.createDirectories(part.resolve("masks"));
        ImageIO.write(
                new Pixels(EDGE, EDGE, 3, values).toBufferedImage(),
                "png",
                part.resolve("images/" + index + ".png").toFile());
        ImageIO.write(
                new LabelMap(EDGE, EDGE, labels).toBufferedImage(),
                "png",
                part.resolve("masks/" + index + ".png").toFile());
    }

    private void overfits(ModelEntry entry) throws IOException {
        Path root = folder.resolve("painted");
        for (int i = 0; i < 4; i++) {
            paint(root.resolve("train"), i);
            paint(root.resolve("val"), i);
        }
        String data = "source: mask_folder, root: " + root + ", masks: nonzero, size: " + EDGE + ", workers: 1";
        boolean large = entry.build().parameterCount() > LARGE;
        SegmentationRecipe recipe = recipe(entry, data, 80, large ? .0003 : .003);
        TrainingRun run = TrainingRun.start(recipe, folder.resolve("runs"), entry.name(), List.of());
        run.fit();
        try (ImageSegmenter segmenter = ImageSegmenter.open(run.folder().path())) {
            double dice = SegmentationFigures.of(
                            segmenter, recipe.newTask().splits().train())
                    .dice();
            assertThat(dice).isGreaterThanOrEqualTo(COARSE.contains(entry.name()) ? .94 : .97);
        }
    }
}
