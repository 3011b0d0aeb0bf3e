package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** YOLOv3 and YOLOv5 against the records of the reference, and what the records do not hold. */
class YoloTest {

    private static Yolo named(String name) {
        return (Yolo) Detectors.named(name).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"yolov3_tiny", "yolov5n", "yolov5s"})
    void recordsOfTheReference(String name) {
        check(name);
    }

    @Test
    @Tag("slow")
    void recordOfTheLargeNetwork() {
        check("yolov3");
    }

    private static void check(String name) {
        JsonNode record = Golden.read("detection/" + name + ".json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Yolo model = named(name);
            model.initialize(manager);
            assertThat(model.parameterCount())
                    .isEqualTo(record.get("parameters").asLong());
            loadFormula(manager, model, record);

            JsonNode given = record.get("inputs").get(0);
            NDArray x = Formula.input(manager, given.get("name").asString(), Golden.shape(given.get("shape")));
            NDList heads = model.forward(x, new Pass(new ParameterStore(manager, false), false));
            Map<String, NDArray> outputs = new LinkedHashMap<>();
            outputs.put("decoded", model.decoded(heads));
            for (int i = 0; i < heads.size(); i++) {
                outputs.put(model.headNames().get(i), heads.get(i));
            }
            assertThat(record.get("outputs")
                            .valueStream()
                            .map(output -> output.get("name").asString()))
                    .containsExactlyElementsOf(outputs.keySet());
            record.get("outputs")
                    .forEach(output -> Golden.assertOutput(
                            output, outputs.get(output.get("name").asString())));
        }
    }

    private static void loadFormula(NDManager manager, Yolo model, JsonNode record) {
        Map<String, NDArray> own = StateDict.of(model);
        // the records leave out the counts of batches
        List<String> names = own.keySet().stream()
                .filter(key -> !key.endsWith("num_batches_tracked"))
                .toList();
        assertThat(record.get("state").valueStream().map(entry -> entry.get(0).asString()))
                .containsExactlyElementsOf(names);
        Map<String, NDArray> weights = new LinkedHashMap<>(own);
        for (JsonNode entry : record.get("state")) {
            String key = entry.get(0).asString();
            Shape shape = Golden.shape(entry.get(1));
            assertThat(own.get(key).getShape()).as(key).isEqualTo(shape);
            if (!key.endsWith("anchors")) {
                weights.put(key, Formula.weight(manager, record.get("salt").asString(), key, shape));
            }
        }
        StateDict.load(model, weights, "formula");
    }

    /** The release's own table, in millions of parameters at 80 classes. */
    @ParameterizedTest
    @CsvSource({"yolov5n, 1.9", "yolov5s, 7.2", "yolov5m, 21.2", "yolov5l, 46.5", "yolov5x, 86.7"})
    void multiplesGiveTheReleasesSizes(String name, double millions) {
        assertThat(named(name).parameterCount() / 1e6).isCloseTo(millions, within(.07));
    }

    @Test
    void zeroHeadsGiveAnchorsAtTheCentresOfCells() {
        try (NDManager manager = PyTorch.newManager()) {
            YoloV5 model = YoloV5.n(2);
            model.initialize(manager);
            NDList heads = new NDList(
                    manager.zeros(new Shape(1, 3, 8, 4, 7)),
                    manager.zeros(new Shape(1, 3, 4, 2, 7)),
                    manager.zeros(new Shape(1, 3, 2, 1, 7)));
            Decoded decoded = model.decode(heads, 64, 32);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(1, 126, 4));
            assertThat(decoded.scores().getShape()).isEqualTo(new Shape(1, 126, 2));
            // anchor 10 by 13 at the first cell, whose centre is (4, 4), then at the second of the second row
            assertThat(decoded.boxes().get("0, 0").toFloatArray()).containsExactly(-1, -2.5f, 9, 10.5f);
            assertThat(decoded.boxes().get("0, 5").toFloatArray()).containsExactly(7, 5.5f, 17, 18.5f);
            // anchor 373 by 326 at the last cell of stride 32, whose centre is (16, 48)
            assertThat(decoded.boxes().get("0, 125").toFloatArray()).containsExactly(-170.5f, -115, 202.5f, 211);
            assertThat(decoded.scores().toFloatArray()).containsOnly(.25f);
        }
    }

    @Test
    void biasesStartWhereEightObjectsAreExpected() {
        try (NDManager manager = PyTorch.newManager()) {
            YoloV5 model = YoloV5.n(3);
            model.initialize(manager);
            float[] bias = StateDict.of(model).get("model.24.m.1.bias").toFloatArray();
            // PyTorch's own start is within 1 / sqrt(128 channels)
            double spread = 1 / Math.sqrt(128);
            for (int i = 0; i < bias.length; i++) {
                double odds = i % 8 < 4 ? 0 : i % 8 == 4 ? Math.log(8 / 1600.) : Math.log(.6 / 2.00001);
                assertThat((double) bias[i]).isCloseTo(odds, within(spread));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"yolov3_tiny", "yolov5n"})
    void otherClassesTrain(String name) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            Detector model = Detectors.named(name).build(3);
            model.initialize(manager);
            model.getParameters().values().stream()
                    .filter(ai.djl.nn.Parameter::requiresGradient)
                    .forEach(parameter -> parameter.getArray().setRequiresGradient(true));
            NDArray x = manager.randomUniform(0, 1, new Shape(2, 3, 64, 64));
            NDList heads = model.forward(x, new Pass(new ParameterStore(manager, false), true));
            assertThat(heads.get(0).getShape().get(4)).isEqualTo(8);
            NDArray sum = manager.zeros(new Shape());
            for (NDArray head : heads) {
                sum = sum.add(head.square().mean());
            }
            Autograd.backward(sum);
            StateDict.of(model).forEach((key, array) -> {
                if (array.hasGradient()) {
                    assertThat(array.getGradient().abs().max().getFloat())
                            .as(key)
                            .isFinite();
                }
            });
        }
    }

    @Test
    void anchorsOfOtherStridesAreRefused() {
        YoloAnchors two = new YoloAnchors(List.of(YoloAnchors.level(16, 1, 1), YoloAnchors.level(32, 2, 2)));
        assertThatThrownBy(() -> new YoloV5.Config(1, 1, 1, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[8, 16, 32]")
                .hasMessageContaining("[16, 32]");
    }
}
