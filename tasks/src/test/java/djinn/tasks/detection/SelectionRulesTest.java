package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.losses.detection.BoxTargets;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Suppression;
import djinn.tasks.Recipes;
import djinn.zoo.detection.Detector;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recipe says of the boxes that are told, and of the anchors that are learnt from. */
class SelectionRulesTest {

    @TempDir
    private Path folder;

    private DetectionRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            model: {name: retinanet}
            data: {source: shapes, size: 64}
            optimizer: {name: adamw, lr: 2e-3}
            train: {epochs: 2, batch_size: 64}
            """);
        return Recipes.read(file, List.of(overrides), DetectionRecipe.class);
    }

    @Test
    void theSuppressionIsTheCards() throws IOException {
        assertThat(recipe().newTask().card().suppression()).isEmpty();
        DetectionRecipe soft = recipe("select={suppression: {name: soft_nms, sigma: 0.3}}");
        assertThat(soft.newTask().card().suppression()).contains(new Suppression.SoftNms(.3));
        assertThat(recipe("select.suppression=box_voting").select().suppression())
                .contains(new Suppression.BoxVoting(.02));
        assertThat(recipe("select.suppression=soft_nms_linear").select().suppression())
                .contains(new Suppression.SoftNmsLinear());
        Path again = Files.writeString(folder.resolve("again.yaml"), Recipes.toYaml(soft));
        assertThat(Recipes.read(again, List.of())).isEqualTo(soft);
        assertThatThrownBy(() -> recipe("select.suppression=softnms")).hasMessageContaining("soft_nms");
    }

    @Test
    void atssIsForRetinaNetAlone() throws IOException {
        assertThat(recipe("model.matcher=atss").newTask().newModel()).isInstanceOf(Detector.class);
        assertThatThrownBy(
                        () -> recipe("model.matcher=atss", "model.name=yolov5n").newTask())
                .hasMessage("model.matcher: expected none with yolov5n, as it is for RetinaNet alone");
    }

    @Test
    void onlyDetectorsOfTwoStagesHaveSamples() throws IOException {
        assertThat(recipe("model.name=faster_rcnn", "model.samples=64")
                        .newTask()
                        .newModel())
                .isInstanceOf(Detector.class);
        assertThatThrownBy(() -> recipe("model.samples=64").newTask())
                .hasMessage("model.samples: expected none with retinanet, as it is for detectors of two stages alone");
        assertThatThrownBy(() ->
                        recipe("model.name=faster_rcnn", "model.samples=0").newTask())
                .hasMessage("model.samples: expected at least 1, got 0");
    }

    @Test
    void retinaNetTakesAStepByAtss() throws IOException {
        Detector model = recipe("model.matcher=atss").newTask().newModel();
        Randomness.seed(2);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            model.initialize(manager);
            NDArray images = manager.randomNormal(new Shape(2, 3, 64, 64));
            NDList heads = model.forward(images, new Pass(new ParameterStore(manager, false), true));
            List<BoxTargets> targets = List.of(
                    new BoxTargets(
                            manager.create(new float[] {10, 12, 40, 45, 30, 5, 60, 25}, new Shape(2, 4)),
                            manager.create(new long[] {0, 1})),
                    new BoxTargets(manager.zeros(new Shape(0, 4)), manager.create(new long[0])));
            Map<String, NDArray> by = DetectionLosses.of(
                    model,
                    new DetectionLosses.Step(
                            heads,
                            targets,
                            64,
                            64,
                            new DetectionLosses.Choices(DetectionRecipe.Matching.ATSS, OptionalInt.empty())));
            Map<String, NDArray> iou = DetectionLosses.of(
                    model, new DetectionLosses.Step(heads, targets, 64, 64, DetectionLosses.Choices.USUAL));
            assertThat(by).hasSameSizeAs(iou);
            by.forEach((term, value) -> assertThat(value.getFloat())
                    .isFinite()
                    .isPositive()
                    .isNotEqualTo(iou.get(term).getFloat()));
            Autograd.backward(by.values().stream().reduce(NDArray::add).orElseThrow());
            for (var parameter : model.getParameters()) {
                if (parameter.getValue().requiresGradient()) {
                    NDArray gradient = parameter.getValue().getArray().getGradient();
                    assertThat(gradient.abs().sum().getFloat())
                            .as(parameter.getKey())
                            .isFinite();
                }
            }
        }
    }
}
