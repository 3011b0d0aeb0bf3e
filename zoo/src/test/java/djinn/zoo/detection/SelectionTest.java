package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.BoxSelection;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.ops.SelectedBox;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * From raw heads to the boxes that are told, against torchvision's {@code postprocess_detections}: boxes, labels, scores
 * and order.
 *
 * <p>{@code golden/detection/selections.json} was written with torchvision on the CPU, with {@code nms} written in
 * torch. A head is {@code formula(NAME + ":" + HEAD) scale + shift} of the shape (1, A, D), anchors are those of
 * torchvision's generators for an image of the height and width; thresholds are the model's own but for the candidates,
 * of which the second record of a model has so few that it matters of what they are counted. SSD's labels are less one.
 */
class SelectionTest {

    @TestFactory
    Stream<DynamicTest> boxesAreTorchvisions() {
        return Golden.read("detection/selections.json")
                .valueStream()
                .map(record -> DynamicTest.dynamicTest(
                        record.get("name").asString() + " of " + record.get("candidates") + " candidates",
                        () -> check(record)));
    }

    private static void check(JsonNode record) {
        String name = record.get("name").asString();
        int classes = record.get("classes").asInt();
        int height = record.get("height").asInt();
        int width = record.get("width").asInt();
        Detector model = Detectors.named(name).build(classes);
        BoxSelection own = model.selection(height, width);
        BoxSelection selection = new BoxSelection(
                own.scoreThreshold(),
                record.get("candidates").asInt(),
                own.iouThreshold(),
                own.most(),
                own.perClass(),
                own.acrossClasses(),
                own.levels());
        List<SelectedBox> selected;
        try (NDManager manager = PyTorch.newManager()) {
            Decoded decoded = model.decode(heads(manager, record, model), height, width);
            selected = selection.select(
                    decoded.boxes().toFloatArray(), decoded.scores().toFloatArray(), classes);
        }
        double[] scores = Golden.doubles(record.get("scores"));
        double[] boxes = Golden.doubles(record.get("boxes"));
        assertThat(selected).hasSize(scores.length).hasSizeGreaterThan(50);
        for (int i = 0; i < scores.length; i++) {
            SelectedBox box = selected.get(i);
            assertThat(box.label())
                    .as("label " + i)
                    .isEqualTo(record.get("labels").get(i).asInt());
            assertThat((double) box.score()).as("score " + i).isCloseTo(scores[i], within(1e-6));
            float[] corners = {box.x1(), box.y1(), box.x2(), box.y2()};
            for (int c = 0; c < 4; c++) {
                assertThat((double) corners[c]).as("corner %d of %d", c, i).isCloseTo(boxes[4 * i + c], within(1e-3));
            }
        }
    }

    private static NDList heads(NDManager manager, JsonNode record, Detector model) {
        long rows = ((Anchored) model)
                .levels(record.get("height").asInt(), record.get("width").asInt()).stream()
                        .mapToInt(Integer::intValue)
                        .sum();
        NDList heads = new NDList();
        for (JsonNode head : record.get("heads")) {
            String key = head.get("name").asString();
            assertThat(model.headNames().get(heads.size())).isEqualTo("head." + key);
            NDArray values = Formula.input(
                    manager, record.get("name").asString() + ":" + key, new Shape(1, rows, depth(key, model)));
            heads.add(Scalars.mul(values, head.get("scale").asDouble())
                    .add((float) head.get("shift").asDouble()));
        }
        assertThat(heads).hasSameSizeAs(model.headNames());
        return heads;
    }

    private static long depth(String head, Detector model) {
        return switch (head) {
            case "bbox_regression" -> 4;
            case "bbox_ctrness" -> 1;
            default -> model.classes() + (model instanceof Ssd ? 1 : 0);
        };
    }
}
