package djinn.tasks.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batches;
import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.export.Exporter;
import djinn.inference.ModelFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.points.PointCard;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.tasks.generative.GanObjective;
import djinn.tasks.generative.GanObjective.Game;
import djinn.training.Outcome;
import djinn.training.TrainingEvent.Ending;
import djinn.zoo.generative.PointGan;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PointGanTest {

    private static final Path CONFIGS = Path.of("../configs");

    @TempDir
    private Path folder;

    private static PointGanRecipe recipe(String name, String... changes) {
        return (PointGanRecipe) Recipes.read(CONFIGS.resolve(name + ".yaml"), List.of(changes));
    }

    private static PointData data(PointSource source, OptionalDouble deviation) {
        return new PointData(source, 1000, 100, deviation);
    }

    private static float[] points(PointFeed feed, int epoch, int first) {
        try (Batches<PointBatch> batches = feed.batches(epoch, first)) {
            return batches.next().values();
        }
    }

    @Test
    void modesLieWhereThePapersHaveThem() {
        assertThat(PointSource.RING.modes())
                .hasSize(8)
                .allSatisfy(mode -> assertThat(mode.distance(0, 0)).isCloseTo(2, within(1e-12)));
        assertThat(PointSource.GRID.modes())
                .hasSize(25)
                .contains(new PointSource.Place(-4, -4), new PointSource.Place(0, 0), new PointSource.Place(4, 2));
        assertThat(PointSource.LINES.modes()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = PointSource.class,
            names = {"RING", "GRID"})
    void gaussiansHaveTheirMiddleAndDeviation(PointSource source) {
        float[] points = data(source, OptionalDouble.of(.1)).draw(20_000, 7).values();
        List<PointSource.Place> modes = source.modes();
        int[] counts = new int[modes.size()];
        double squares = 0;
        for (int i = 0; i < points.length; i += 2) {
            for (int m = 0; m < counts.length; m++) {
                double distance = modes.get(m).distance(points[i], points[i + 1]);
                // ten deviations, less than half of the way to the next
                if (distance < .7) {
                    counts[m]++;
                    squares += distance * distance;
                }
            }
        }
        // sums of 20,000: five times the error of their means
        assertThat(squares / 20_000).isCloseTo(2 * .1 * .1, within(.02 * 5 / Math.sqrt(20_000)));
        double share = 20_000. / counts.length;
        for (int count : counts) {
            assertThat((double) count).isCloseTo(share, within(5 * Math.sqrt(share)));
        }
    }

    @Test
    void linesStandAtZero() {
        float[] points =
                data(PointSource.LINES, OptionalDouble.empty()).draw(1000, 7).values();
        double sum = 0;
        for (int i = 0; i < points.length; i += 2) {
            assertThat(points[i]).isZero();
            assertThat(points[i + 1]).isBetween(0f, 1f);
            sum += points[i + 1];
        }
        assertThat(sum / 1000).isCloseTo(.5, within(5 / Math.sqrt(12_000)));
    }

    @Test
    void batchesDependOnSeedEpochAndPlaceAlone() {
        PointData data = data(PointSource.RING, OptionalDouble.empty());
        PointFeed feed = new PointFeed(data, OptionalLong.of(3), 300);
        assertThat(feed.batchesPerEpoch()).isEqualTo(4);
        assertThat(feed.batchSize(3)).isEqualTo(100);
        assertThat(points(feed, 1, 3)).hasSize(200);
        float[] second;
        try (Batches<PointBatch> batches = feed.batches(1, 0)) {
            batches.next();
            second = batches.next().values();
        }
        assertThat(points(feed, 1, 1)).containsExactly(second);
        assertThat(points(feed, 2, 1)).isNotEqualTo(second);
        assertThat(points(new PointFeed(data, OptionalLong.of(4), 300), 1, 1)).isNotEqualTo(second);
        PointFeed heldOut = new PointFeed(data, OptionalLong.empty(), 300);
        assertThat(points(heldOut, 0, 0)).hasSize(200).containsExactly(points(heldOut, 5, 0));
    }

    /** 100 points: a quarter of the fair share of one of 25 is 1 point, of one of 8 it is 3.125. */
    @Test
    void aModeIsFoundByAQuarterOfItsShareWithinThreeDeviations() {
        ModeCounts counts = new ModeCounts(PointSource.RING.modes(), .1);
        assertThat(counts.value()).isNaN();
        float[] points = new float[200];
        for (int i = 0; i < 100; i++) {
            // 4 on the first, 3 on the third, 20 near the fifth and 50 not near enough, the others in the middle
            float[] point = i < 4
                    ? new float[] {2, 0}
                    : i < 7
                            ? new float[] {0, 2}
                            : i < 27 ? new float[] {-2, .29f} : i < 77 ? new float[] {-2, .31f} : new float[] {0, 0};
            points[2 * i] = point[0];
            points[2 * i + 1] = point[1];
        }
        counts.add(points);
        assertThat(counts.value()).isEqualTo(2);
        assertThat(counts.good()).isEqualTo(.27);
        ModeCounts merged = new ModeCounts(PointSource.RING.modes(), .1);
        merged.merge(counts.state());
        assertThat(merged.good()).isEqualTo(.27);
        assertThatThrownBy(() -> merged.merge(new double[3])).hasMessageContaining("8 Gaussians");
    }

    /** Of a critic that knows nothing log 2 - (log 2 + log 2) / 2 = 0; of one that is sure log 2; as the loss says between. */
    @Test
    void figuresSayWhatTheOutcomeSays() {
        try (NDManager manager = PyTorch.newManager();
                PointFigures figures = new PointFigures(
                        GanObjective.of(Game.SATURATING), data(PointSource.LINES, OptionalDouble.empty()))) {
            assertThat(figures.figures())
                    .containsExactly("critic_loss", "generator_loss", "real", "fake", "js", "distance");
            NDArray drawn = manager.create(new float[] {-.5f, 0, -.5f, 1}, new Shape(2, 2));
            NDList answers = new NDList(manager.create(.75f), manager.create(.25f), drawn);
            figures.add(
                    new PointBatch(new float[4]),
                    new Outcome(Map.of("critic", manager.create(.4f), "generator", manager.create(-1f)), answers));
            assertThat(figures.values())
                    .containsEntry("distance", .5)
                    .containsEntry("real", .75)
                    .containsEntry("generator_loss", -1.)
                    .hasEntrySatisfying("js", js -> assertThat(js).isCloseTo(Math.log(2) - .2, within(1e-7)));
        }
        try (PointFigures ring =
                new PointFigures(GanObjective.of(Game.WGAN_GP), data(PointSource.RING, OptionalDouble.empty()))) {
            assertThat(ring.figures())
                    .containsExactly("critic_loss", "generator_loss", "wasserstein", "gradient_norm", "modes", "good");
        }
    }

    @ParameterizedTest
    @EnumSource(Game.class)
    void everyGameTrainsOnEverySource(Game game) {
        for (PointSource source : PointSource.values()) {
            PointGanRecipe recipe = recipe(
                    "ring_gan",
                    "data={source: " + source.name().toLowerCase(Locale.ROOT) + ", points: 512, val_points: 64}",
                    "loss={name: " + game.name().toLowerCase(Locale.ROOT) + "}",
                    "train.epochs=1");
            TrainingRun run = TrainingRun.start(recipe, folder, game + "-" + source, List.of());
            assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
            Pixels picture = ImageFiles.read(folder.resolve(game + "-" + source + "/samples/epoch-0001.png"), 3);
            assertThat(picture.height()).isEqualTo(360);
            assertThat(picture.width()).isEqualTo(360);
            assertThat(folder.resolve(game + "-" + source + "/samples.gif")).isNotEmptyFile();
            if (game == Game.WGAN) {
                assertClipped(recipe);
            }
        }
    }

    /** The turn of the generator meets a critic of small weights. */
    private static void assertClipped(PointGanRecipe recipe) {
        PointGanTask task = recipe.newTask();
        PointGan gan = task.newModel();
        try (NDManager manager = PyTorch.newManager()) {
            gan.initialize(manager);
            task.afterStep(gan, 1);
            gan.critic()
                    .getParameters()
                    .values()
                    .forEach(weight ->
                            assertThat(weight.getArray().abs().max().getFloat()).isLessThanOrEqualTo(.01f));
            gan.generator()
                    .getParameters()
                    .values()
                    .forEach(weight ->
                            assertThat(weight.getArray().abs().max().getFloat()).isGreaterThan(.01f));
        }
    }

    /** What lines show: the loss without a gradient leaves theta where it is, the critic under a penalty pulls it back. */
    @Test
    void theLineStandsUnderOneLossAndFallsUnderTheOther() {
        Map<String, Double> standing = trained("lines_gan");
        assertThat(standing.get("js")).isCloseTo(Math.log(2), within(.01));
        assertThat(standing.get("distance")).isCloseTo(1, within(.15));
        Map<String, Double> falling = trained("lines_wgan_gp");
        assertThat(falling.get("distance")).isLessThan(.5);
        assertThat(falling.get("wasserstein")).isLessThan(.75);
    }

    private Map<String, Double> trained(String name) {
        PointGanRecipe recipe = recipe(name, "train.epochs=10");
        TrainingRun run = TrainingRun.start(recipe, folder, name, List.of());
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        try (TrainedRun trained = TrainedRun.open(run.folder(), List.of())) {
            return trained.validate().values();
        }
    }

    /** The product draws the same points as ONNX, and its file says what it is. */
    @Test
    void theGeneratorIsHandedOn() {
        for (String name : List.of("gan_points_tiny", "lines_gan")) {
            PointGanRecipe recipe = recipe(name, "data.points=512", "train.epochs=1");
            TrainingRun run = TrainingRun.start(recipe, folder, name, List.of());
            run.fit();
            Path onnx = folder.resolve(name + ".onnx");
            try (TrainedRun trained = TrainedRun.open(run.folder(), List.of())) {
                Exporter.Exported exported = trained.export(onnx, 1, Exporter.Settings.DEFAULT);
                assertThat(exported.difference()).isPresent();
            }
            for (Path file : List.of(run.folder().best(), onnx)) {
                Map<String, String> metadata =
                        ModelFile.of(file, Optional.empty()).metadata();
                PointCard card = PointCard.fromMetadata(metadata, file);
                assertThat(card).isEqualTo(recipe.card());
                assertThat(metadata).containsAllEntriesOf(card.toMetadata());
            }
        }
    }

    @Test
    void otherWeightsAndDamagedOnesAreRefused() {
        Path file = Path.of("weights.safetensors");
        assertThatThrownBy(() -> PointCard.fromMetadata(Map.of("djinn.model", "dcgan"), file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("generator of points")
                .hasMessageContaining("got dcgan");
        assertThatThrownBy(() -> PointCard.fromMetadata(
                        Map.of("djinn.model", "point_generator", "djinn.latent", "4", "djinn.width", "0"), file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("djinn.width");
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> recipe("lines_gan", "data.deviation=0.1")).hasMessageContaining("ring and grid");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "model.start=1")).hasMessageContaining("data.source lines");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "loss.name=wgan")).hasMessageContaining("clips no weights");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "data.deviation=0")).hasMessageContaining("above 0");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "critic_steps=0")).hasMessageContaining("critic_steps");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "data.points=0")).hasMessageContaining("points");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "samples.points=0")).hasMessageContaining("points");
        assertThatThrownBy(() -> recipe("gan_points_tiny", "model.width=0")).hasMessageContaining("width");
    }
}
