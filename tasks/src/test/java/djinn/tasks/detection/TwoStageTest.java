package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.SceneBatch;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
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

/** The task with a detector that looks twice. */
class TwoStageTest {

    @TempDir
    private Path folder;

    private DetectionRecipe recipe() throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: {name: faster_rcnn, backbone: resnet18}
            data: {source: shapes, size: 64}
            optimizer: {name: sgd, lr: 1e-3}
            train: {epochs: 1, batch_size: 2}
            """);
        return Recipes.read(file, List.of(), DetectionRecipe.class);
    }

    @Test
    void aRunThatStopsGoesOnToTheSameBytes() throws IOException {
        DetectionRecipe recipe = recipe();
        CutRuns.assertGoesOnToTheSameBytes(recipe, folder);
    }

    @Test
    void validationTellsTheSameTwiceAndItsBoxesAreSelected() throws IOException {
        DetectionTask task = recipe().newTask();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<SceneBatch> batches = task.heldOut().batches(0, 0);
                SceneBatch batch = batches.next();
                DetectionFigures figures = task.newFigures()) {
            Randomness.seed(2);
            Detector model = task.newModel();
            model.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            Randomness.seed(3);
            Outcome outcome = task.evaluate(model, batch, manager, pass);
            Randomness.seed(3);
            Outcome again = task.evaluate(model, batch, manager, pass);
            assertThat(outcome.terms().keySet())
                    .containsExactly("objectness", "proposal_regression", "classification", "bbox_regression");
            outcome.terms()
                    .forEach((term, value) -> assertThat(value.getFloat())
                            .as(term)
                            .isFinite()
                            .isNotNegative()
                            .isEqualTo(again.terms().get(term).getFloat()));
            Shape boxes = outcome.answers().get(0).getShape();
            assertThat(boxes.get(0)).isEqualTo(2);
            assertThat(boxes.slice(2)).isEqualTo(new Shape(2, 4));
            figures.add(batch, outcome);
            assertThat(figures.values().get("ap")).isBetween(0., 1.);
        }
    }
}
