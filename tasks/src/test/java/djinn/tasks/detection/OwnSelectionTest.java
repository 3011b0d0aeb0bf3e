package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.SceneBatch;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Suppression;
import djinn.predict.detection.DetectionCard;
import djinn.tasks.Recipes;
import djinn.training.Outcome;
import djinn.zoo.detection.Detector;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
