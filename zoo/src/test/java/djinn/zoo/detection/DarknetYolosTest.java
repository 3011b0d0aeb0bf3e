package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.StateLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * YOLO v1, v2 and v4.
 *
 * <p>There is no record of the authors' networks. Those here are of public PyTorch ports, run on formula weights for three
 * classes: {@code yolov1} of aladdinpersson's convolutions, a grid of 2 by 2 and the paper's fully connected layers, the first
 * of 64; {@code yolov2} of a script of the layers of {@code yolov2.cfg}; {@code yolov4} of Tianxiaomo's. Decoded are the
 * heads times the record's gain, by a script of the papers' formulas.
 */
class DarknetYolosTest {

    private static Detector model(String name) {
        return name.equals("yolov1")
                ? new YoloV1(new YoloV1.Config(3, 128, 64))
                : Detectors.named(name).build(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yolov1", "yolov2", "yolov4"})
    void namesAndShapesAreThoseOfPorts(String name) {
        Map<String, Shape> recorded = new LinkedHashMap<>();
        Golden.read("detection/" + name + ".json")
                .get("state")
                .forEach(entry -> recorded.put(entry.get(0).asString(), Golden.shape(entry.get(1))));
        Map<String, Shape> own = new LinkedHashMap<>(StateLayout.of(model(name)).shapes());
        own.keySet().removeIf(key -> key.endsWith("num_batches_tracked"));
        assertThat(own).containsExactlyEntriesOf(recorded);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yolov1", "yolov2", "yolov4"})
    @Tag("slow")
    void outputsAreThoseOfPorts(String name) {
        JsonNode record = Golden.read("detection/" + name + ".json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = model(name);
            model.initialize(manager);
            assertThat(model.parameterCount())
                    .isEqualTo(record.get("parameters").asLong());
            Map<String, NDArray> weights = new LinkedHashMap<>(StateDict.of(model));
            for (JsonNode entry : record.get("state")) {
                String key = entry.get(0).asString();
                weights.put(key, Formula.weight(manager, "", key, Golden.shape(entry.get(1))));
            }
            StateDict.load(model, weights, "formula");
            JsonNode given = record.get("inputs").get(0);
            NDArray x = Formula.input(manager, given.get("name").asString(), Golden.shape(given.get("shape")));
            NDList heads = model.forward(x, new Pass(new ParameterStore(manager, false), false));
            Map<String, NDArray> outputs = new LinkedHashMap<>();
            NDList calm = new NDList();
            for (int i = 0; i < heads.size(); i++) {
                outputs.put(model.headNames().get(i), heads.get(i));
                calm.add(heads.get(i).mul(record.get("gain").asDouble()));
            }
            if (model instanceof Yolo yolo) {
                outputs.put("decoded", yolo.decoded(calm));
            }
            assertThat(record.get("outputs")
                            .valueStream()
                            .map(output -> output.get("name").asString()))
                    .containsExactlyInAnyOrderElementsOf(outputs.keySet());
            for (JsonNode output : record.get("outputs")) {
                Golden.assertOutput(output, outputs.get(output.get("name").asString()));
            }
        }
    }

    /** In millions, as the papers' tables of layers give them: of YOLO 7 7 1024 4096 of them between two layers alone. */
    @Test
    void sizesAreThePapers() {
        assertThat(StateLayout.of(Detectors.named("yolov1").build()).shapes())
                .containsEntry("fcs.1.weight", new Shape(4096, 50176))
                .containsEntry("fcs.4.weight", new Shape(1470, 4096));
        assertThat(StateLayout.of(Detectors.named("yolov2").build(20)).shapes())
                .containsEntry("models.30.conv23.weight", new Shape(125, 1024, 1, 1));
        assertThat(Detectors.named("yolov4").build().parameterCount()).isEqualTo(64_363_101);
    }

    @Test
    void zeroHeadsGiveAnchorsAtTheCentresOfCells() {
        try (NDManager manager = PyTorch.newManager()) {
            YoloV2 model = YoloV2.darknet19(4);
            Decoded decoded = model.decode(new NDList(manager.zeros(new Shape(1, 5, 2, 1, 9))), 64, 32);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(1, 10, 4));
            // the first anchor, 18.32736 by 21.67632, in the second row, whose centre is (16, 48)
            assertThat(decoded.boxes().get("0, 1").toFloatArray())
                    .containsExactly(
                            new float[] {16 - 9.16368f, 48 - 10.83816f, 16 + 9.16368f, 48 + 10.83816f}, within(1e-4f));
            // one half of each of four classes
            assertThat(decoded.scores().toFloatArray()).containsOnly(.125f);

            Decoded four = YoloV4.cspDarknet53(4)
                    .decode(
                            new NDList(
                                    manager.zeros(new Shape(1, 3, 4, 4, 9)),
                                    manager.zeros(new Shape(1, 3, 2, 2, 9)),
                                    manager.zeros(new Shape(1, 3, 1, 1, 9))),
                            32,
                            32);
            assertThat(four.boxes().getShape()).isEqualTo(new Shape(1, 63, 4));
            assertThat(four.boxes().get("0, 0").toFloatArray())
                    .containsExactly(new float[] {-2, -4, 10, 12}, within(1e-4f));
            assertThat(four.scores().toFloatArray()).containsOnly(.25f);
        }
    }

    /** A sigmoid of 1 leaves a YOLOv2 centre in its cell, and takes a YOLOv4 one a tenth of a cell beyond on stride 8. */
    @Test
    void stretchedSigmoidsReachTheEdgesOfCells() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray centre = manager.full(new Shape(1, 3, 1, 1, 2), 100f);
            NDArray rest = manager.zeros(new Shape(1, 3, 1, 1, 4));
            NDArray head = NDArrays.concat(new NDList(centre, rest), 4);
            DarknetBoxes plain = new DarknetBoxes(
                    1, new YoloAnchors(List.of(YoloAnchors.level(8, 1, 1, 2, 2, 3, 3))), List.of(1.), true);
            DarknetBoxes stretched = new DarknetBoxes(1, plain.shapes(), List.of(1.2), false);
            assertThat(plain.decoded(new NDList(head)).get("0, 0, 0:2").toFloatArray())
                    .containsExactly(new float[] {8, 8}, within(1e-5f));
            assertThat(stretched.decoded(new NDList(head)).get("0, 0, 0:2").toFloatArray())
                    .containsExactly(new float[] {8.8f, 8.8f}, within(1e-5f));
        }
    }

    @Test
    void squaresOfCellsComeBehindEachOther() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray map = manager.arange(0f, 16f, 1f).reshape(1, 2, 2, 4); // two channels, two rows, four columns
            NDArray quartered = YoloV2.quartered(map);
            assertThat(quartered.getShape()).isEqualTo(new Shape(1, 8, 1, 2));
            assertThat(quartered.toFloatArray()).containsExactly(0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15);
        }
    }

    /** A grid of 2 by 2 on 128 pixels. */
    @Test
    void boxesOfTheFirstYoloAreSharesOfTheImage() {
        try (NDManager manager = PyTorch.newManager()) {
            YoloV1 model = new YoloV1(new YoloV1.Config(2, 128, 8));
            float[] head = new float[4 * 12];
            // the last cell: classes .5 and -1, a box of 1/4 by 1/16 of the image around its middle, which is sure of 2
            System.arraycopy(new float[] {.5f, -1, 2, .5f, .5f, .5f, .25f, -3, 0, 1, 1, 1}, 0, head, 36, 12);
            Decoded decoded = model.decode(new NDList(manager.create(head, new Shape(1, 2, 2, 12))), 128, 128);
            assertThat(decoded.boxes().get("0, 6").toFloatArray()).containsExactly(80, 92, 112, 100);
            // the second, at the left lower corner of the cell, is as large as the image
            assertThat(decoded.boxes().get("0, 7").toFloatArray()).containsExactly(0, 64, 128, 192);
            assertThat(decoded.scores().get("0, 6:").toFloatArray()).containsExactly(.5f, 0, 0, 0);
            assertThat(model.onlySize()).hasValue(128);
        }
    }

    @Test
    void firstNamesOfThePortAreKnown() {
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> old = new LinkedHashMap<>();
            StateLayout.of(model("yolov4")).shapes().forEach((key, shape) -> {
                String name = key.startsWith("neck.") ? "neek." + key.substring("neck.".length()) : key;
                old.put(name, manager.zeros(shape.size() > 4096 ? new Shape(1) : shape));
            });
            Map<String, NDArray> named = NameFit.of(
                            old, model("yolov4"), Detectors.named("yolov4").keyMaps(), Preference.EMA, "old.pth")
                    .orElseThrow()
                    .arrays();
            assertThat(named.keySet())
                    .containsExactlyElementsOf(
                            StateLayout.of(model("yolov4")).shapes().keySet());
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        YoloAnchors two = new YoloAnchors(List.of(YoloAnchors.level(16, 1, 1), YoloAnchors.level(32, 2, 2)));
        assertThatThrownBy(() -> new YoloV4.Config(1, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[8, 16, 32]");
        assertThatThrownBy(() -> new YoloV2.Config(1, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[32]");
        assertThatThrownBy(() -> new YoloV1.Config(1, 100, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a multiple of 64");
    }
}
