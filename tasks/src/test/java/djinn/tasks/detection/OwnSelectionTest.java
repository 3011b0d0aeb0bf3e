package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.Preprocessing;
import djinn.data.SceneBatch;
import djinn.inference.ImageCodec;
import djinn.inference.ModelCard;
import djinn.inference.Tensor;
import djinn.ops.Autograd;
import djinn.ops.BoxSelection;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Suppression;
import djinn.tasks.Recipes;
import djinn.training.Outcome;
import djinn.zoo.detection.Detector;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The task with detectors that have a selection of their own. */
class OwnSelectionTest {

    @TempDir
    private Path folder;

    private DetectionRecipe recipe(String name, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: {name: %s, backbone: resnet18, samples: 64}
            data: {source: shapes, size: 64}
            optimizer: {name: sgd, lr: 1e-3}
            train: {epochs: 1, batch_size: 2}
            """.formatted(name));
        return Recipes.read(file, List.of(overrides), DetectionRecipe.class);
    }

    @Test
    void aRecipeLeavesTheSelectionToTheDetectorOrChoosesAnother() throws IOException {
        DetectionTask learned = recipe("relation_rcnn_learned_nms").newTask();
        assertThat(learned.card().selection(learned.newModel()).suppression()).isEqualTo(new Suppression.None());
        DetectionTask softer = recipe("softer_rcnn").newTask();
        assertThat(softer.card().selection(softer.newModel()).suppression()).isEqualTo(new Suppression.BoxVoting(.02));
        assertThat(softer.card().toMetadata()).doesNotContainKey("djinn.suppression");
        DetectionTask plain =
                recipe("softer_rcnn", "select={suppression: {name: nms}}").newTask();
        assertThat(plain.card().selection(plain.newModel()).suppression()).isEqualTo(Suppression.NMS);
        Path file = folder.resolve("weights");
        assertThat(DetectionCard.fromMetadata(plain.card().toMetadata(), file)).isEqualTo(plain.card());
        DetectionTask none = recipe("faster_rcnn", "select.suppression=none").newTask();
        assertThat(none.card().selection(none.newModel()).suppression()).isEqualTo(new Suppression.None());
    }

    /** Two squares that overlap by 0.9: of variances 1 and 4 of the left side, and the nearness 1 and exp(-0.01 / 0.02). */
    @Test
    void aPredictionIsMovedByTheNetworksVariances() {
        Preprocessing shape =
                new Preprocessing(64, 64, 3, List.of(.4, .4, .4), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card = new DetectionCard(new ModelCard("softer_rcnn", List.of("disc"), shape), Optional.empty());
        BoxSelection rule = new BoxSelection(.1, 100, .5, 100).withSuppression(new Suppression.BoxVoting(.02));
        DetectionReading reading = new DetectionReading(card, rule, Set.of());
        try (NDManager manager = PyTorch.newManager()) {
            NDArray boxes = manager.create(new float[] {10, 10, 30, 30, 12, 10, 30, 30}, new Shape(1, 2, 1, 4));
            NDArray scores = manager.create(new float[] {.9f, .8f}, new Shape(1, 2, 1));
            NDArray variances = manager.create(new float[] {1, 1, 1, 1, 4, 1, 1, 1}, new Shape(1, 2, 1, 4));
            Detections found = reading.answers(
                            new NDList(boxes, scores, variances)
                                    .stream().map(Tensor::of).toList(),
                            List.of(new ImageCodec.Asked("photo.png", 64, 64)),
                            "a model")
                    .get(0);
            assertThat(found.objects()).hasSize(1);
            double p = Math.exp(-.01 / .02) / 4;
            assertThat(found.objects().get(0).box().x())
                    .isCloseTo((10 + 12 * p) / (1 + p), org.assertj.core.api.Assertions.within(1e-4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cascade_rcnn", "softer_rcnn", "relation_rcnn_learned_nms"})
    void validationTellsLossAndBoxes(String name) throws IOException {
        DetectionTask task = recipe(name).newTask();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<SceneBatch> batches = task.heldOut().batches(0, 0);
                SceneBatch batch = batches.next();
                DetectionFigures figures = task.newFigures()) {
            Randomness.seed(2);
            Detector model = task.newModel();
            model.initialize(manager);
            Outcome outcome = task.evaluate(model, batch, manager, new Pass(new ParameterStore(manager, false), false));
            outcome.terms()
                    .forEach((term, value) ->
                            assertThat(value.getFloat()).as(term).isFinite());
            assertThat(outcome.answers()).hasSize(name.equals("softer_rcnn") ? 3 : 2);
            figures.add(batch, outcome);
            assertThat(figures.values().get("ap")).isBetween(0., 1.);
        }
    }

    @Test
    void aRunThatStopsGoesOnToTheSameBytes() throws IOException {
        DetectionRecipe recipe = recipe("relation_rcnn_learned_nms");
        CutRuns.assertGoesOnToTheSameBytes(recipe, folder);
    }
}
