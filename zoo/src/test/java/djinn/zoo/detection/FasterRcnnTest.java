package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.Tracer;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.SelectedBox;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * torchvision's Faster R-CNN: names, shapes and outputs of both stages under formula weights, and what it finds.
 *
 * <p>{@code golden/detection/fasterrcnn_inference.json} was written with torchvision on the CPU in double precision: two
 * images {@code input} by formula, of five classes with the background, 300 detections an image; weights by formula, those
 * of the layers under {@code scales} multiplied, so that scores and steps are of a usual size. {@code proposals} are what
 * its region proposal network gives, {@code images} what its {@code roi_heads} make of them, labels less one.
 */
class FasterRcnnTest {

    @Test
    void mobileNetV3() {
        checkRecord("fasterrcnn_mobilenet_v3_large_fpn");
    }

    @Test
    @Tag("slow")
    void resnet50() {
        checkRecord("fasterrcnn_resnet50_fpn");
    }

    private static void checkRecord(String name) {
        JsonNode record = Golden.read("detection/" + name + ".json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            FasterRcnn model = (FasterRcnn) Detectors.named(name).build(90);
            model.initialize(manager);
            assertThat(model.parameterCount())
                    .isEqualTo(record.get("parameters").asLong());
            Map<String, NDArray> own = StateDict.of(model);
            Map<String, NDArray> weights = new LinkedHashMap<>();
            for (JsonNode entry : record.get("state")) {
                String key = entry.get(0).asString();
                assertThat(own).containsKey(key);
                Shape shape = Golden.shape(entry.get(1));
                assertThat(own.get(key).getShape()).as(key).isEqualTo(shape);
                weights.put(key, Formula.weight(manager, record.get("salt").asString(), key, shape));
            }
            assertThat(own.keySet().stream().filter(key -> !key.endsWith("num_batches_tracked")))
                    .containsExactlyElementsOf(weights.keySet());
            own.forEach(weights::putIfAbsent);
            StateDict.load(model, weights, "formula");

            JsonNode given = record.get("inputs").get(0);
            NDArray x = Formula.input(manager, given.get("name").asString(), Golden.shape(given.get("shape")));
            NDArray regions = manager.create(
                    new float[] {0, 4, 6, 60, 70, 0, 30.5f, 20.25f, 150.75f, 120, 0, 0, 0, 191, 127, 0, 100, 64, 110, 80
                    },
                    new Shape(4, 5));
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            Map<String, NDArray> outputs = new LinkedHashMap<>();
            PyramidTrunk trunk = (PyramidTrunk) model.getChildren().get("backbone");
            NDList maps = trunk.forward(x, pass);
            for (int i = 0; i < maps.size(); i++) {
                outputs.put("feature." + (i == maps.size() - 1 ? "pool" : Integer.toString(i)), maps.get(i));
            }
            NDList heads = model.forward(x, (proposed, stage) -> regions, pass);
            for (int i = 0; i < heads.size(); i++) {
                outputs.put(model.headNames().get(i), heads.get(i));
            }
            assertThat(outputs.remove("roi.proposals")).isSameAs(regions);
            List<Integer> strides = trunk.strides().subList(0, maps.size() - 1);
            outputs.put("roi.pooled", new PyramidRegions(strides, 7, 2, 224).cut(maps, regions));
            outputs.put("roi.decoded_boxes", RegionBoxes.decode(regions, outputs.get("roi.box_deltas"), BoxCoder.SSD));
            for (JsonNode expected : record.get("outputs")) {
                String output = expected.get("name").asString();
                assertThat(outputs).containsKey(output);
                assertRecorded(outputs.remove(output), expected);
            }
            assertThat(outputs).isEmpty();
        }
    }

    private static void assertRecorded(NDArray actual, JsonNode expected) {
        assertThat(actual.getShape()).isEqualTo(Golden.shape(expected.get("shape")));
        double tolerance = 1e-4 * expected.get("max_abs").asDouble();
        float[] values = actual.toFloatArray();
        for (int i = 0; i < expected.get("index").size(); i++) {
            int index = expected.get("index").get(i).asInt();
            assertThat((double) values[index])
                    .as("%s[%d]", expected.get("name"), index)
                    .isCloseTo(expected.get("value").get(i).asDouble(), within(tolerance));
        }
    }

    @Test
    void findsWhatTorchvisionFinds() {
        JsonNode record = Golden.read("detection/fasterrcnn_inference.json");
        int classes = record.get("classes").asInt();
        int height = record.get("height").asInt();
        int width = record.get("width").asInt();
        int images = record.get("images").size();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named(record.get("name").asString()).build(classes);
            model.initialize(manager, DataType.FLOAT64);
            load(model, manager, record.get("scales"));
            NDArray x = Formula.input(manager, "input", new Shape(images, 3, height, width))
                    .toType(DataType.FLOAT64, false);
            NDList heads = model.forward(x, new Pass(new ParameterStore(manager, false), false));

            float[] regions = heads.get(model.headNames().indexOf("roi.proposals"))
                    .toType(DataType.FLOAT32, false)
                    .toFloatArray();
            int at = 0;
            for (int n = 0; n < images; n++) {
                double[] proposals = Golden.doubles(record.get("proposals").get(n));
                for (int i = 0; i < proposals.length; i += 4) {
                    assertThat(regions[at]).isEqualTo(n);
                    assertBox("proposal " + i / 4, Arrays.copyOfRange(regions, at + 1, at + 5), proposals, i);
                    at += 5;
                }
            }
            assertThat(at).isEqualTo(regions.length);

            Decoded decoded = model.decode(heads, height, width);
            float[] boxes = decoded.boxes().toType(DataType.FLOAT32, false).toFloatArray();
            float[] scores = decoded.scores().toType(DataType.FLOAT32, false).toFloatArray();
            for (int n = 0; n < images; n++) {
                List<SelectedBox> selected = model.selection(height, width)
                        .withMost(record.get("most").asInt())
                        .select(part(boxes, n, images), part(scores, n, images), classes);
                JsonNode expected = record.get("images").get(n);
                double[] expectedScores = Golden.doubles(expected.get("scores"));
                assertThat(selected).hasSize(expectedScores.length).hasSizeGreaterThan(200);
                double[] corners = Golden.doubles(expected.get("boxes"));
                for (int i = 0; i < expectedScores.length; i++) {
                    SelectedBox box = selected.get(i);
                    int label = expected.get("labels").get(i).asInt();
                    assertThat((double) box.score()).as("score " + i).isCloseTo(expectedScores[i], within(1e-6));
                    if (!hasEqual(expectedScores, i)) {
                        assertThat(box.label()).as("label " + i).isEqualTo(label);
                        assertBox("box " + i, new float[] {box.x1(), box.y1(), box.x2(), box.y2()}, corners, 4 * i);
                    }
                }
            }
        }
    }

    /** torchvision's order of equal scores is none; regions smaller than a position of the map have equal ones. */
    private static boolean hasEqual(double[] scores, int i) {
        return (i > 0 && scores[i - 1] == scores[i]) || (i + 1 < scores.length && scores[i + 1] == scores[i]);
    }

    private static float[] part(float[] values, int n, int of) {
        int each = values.length / of;
        return Arrays.copyOfRange(values, n * each, (n + 1) * each);
    }

    private static void assertBox(String what, float[] box, double[] expected, int at) {
        for (int c = 0; c < 4; c++) {
            assertThat((double) box[c]).as(what + " " + c).isCloseTo(expected[at + c], within(1e-3));
        }
    }

    private static void load(Detector model, NDManager manager, JsonNode scales) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        StateDict.of(model).forEach((key, own) -> {
            if (key.endsWith("num_batches_tracked")) {
                weights.put(key, own);
                return;
            }
            NDArray weight = Formula.weight(manager, "", key, own.getShape());
            for (String prefix : scales.propertyNames()) {
                if (key.startsWith(prefix)) {
                    // powers of two: exact
                    weight.muli((float) scales.get(prefix).asDouble());
                }
            }
            weights.put(key, weight.toType(DataType.FLOAT64, false));
        });
        StateDict.load(model, weights, "formula");
    }

    @Test
    void noRegionsAreNoObjects() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named("faster_rcnn").build(3);
            model.initialize(manager);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
            NDArray none = manager.zeros(new Shape(0, 5));
            NDArray one = manager.create(new float[] {1, 10, 10, 10, 11}, new Shape(1, 5));
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (NDArray regions : List.of(none, one)) {
                NDList heads = model.forward(images, (proposed, stage) -> regions, pass);
                Decoded decoded = model.decode(heads, 64, 96);
                assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, 1, 3, 4));
                assertThat(decoded.scores().getShape()).isEqualTo(new Shape(2, 1, 3));
                // of the first image none; a region without area becomes boxes without area
                assertThat(decoded.scores().max().getFloat()).isZero();
            }
        }
    }

    @Test
    void proposalsLieInTheImageTheBestFirstAndKnowTheirImage() {
        try (NDManager manager = PyTorch.newManager()) {
            // anchors 10 wide; the second is a little better and overlaps the first; the third is outside, the fourth
            // apart
            NDArray anchors = manager.create(
                    new float[] {0, 0, 10, 10, 1, 0, 11, 10, 200, 0, 210, 10, 20, 20, 30, 30}, new Shape(4, 4));
            NDArray objectness = manager.create(new float[] {1, 2, 9, 0, 0, -1, 9, 3}, new Shape(2, 4, 1));
            NDArray codes = manager.zeros(new Shape(2, 4, 4));
            NDArray selected = new ProposalSelection(4, .7, 3, 0)
                    .select(new NDList(objectness), new NDList(codes), anchors, 64, 96);
            assertThat(selected.toFloatArray())
                    .containsExactly(
                            0, 1, 0, 11, 10, 0, 20, 20, 30, 30, //
                            1, 20, 20, 30, 30, 1, 0, 0, 10, 10);
            NDArray broken = objectness.mul(Float.NaN);
            assertThat(new ProposalSelection(4, .7, 3, 0)
                            .select(new NDList(broken), new NDList(codes), anchors, 64, 96)
                            .getShape())
                    .isEqualTo(new Shape(0, 5));
        }
    }

    @Test
    void aTraceAnswersAsTheModelHoweverManyItProposes() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named("faster_rcnn").build(3);
            Randomness.seed(5);
            model.initialize(manager);
            NDList image = new NDList(manager.randomUniform(-1, 1, new Shape(1, 3, 64, 96)));
            NDArray codes = model.getParameters().get("rpn.head.bbox_pred.bias").getArray();
            Set<Long> counts = new HashSet<>();
            try (Graph graph = DynamicTrace.trace(model, image, List.of())) {
                // fewer of the smaller boxes overlap; the smallest have no area, so that nothing is proposed
                for (float growth : new float[] {0, -1, -1, -40}) {
                    codes.addi(growth);
                    NDList expected = model.forward(new ParameterStore(manager, false), image, false);
                    NDList answers = graph.run(image);
                    for (int i = 0; i < 2; i++) {
                        assertThat(answers.get(i).getShape())
                                .isEqualTo(expected.get(i).getShape());
                        assertThat(answers.get(i)
                                        .sub(expected.get(i))
                                        .abs()
                                        .max()
                                        .getFloat())
                                .isLessThan(1e-3f);
                    }
                    counts.add(expected.get(1).getShape().get(1));
                }
            }
            assertThat(counts).hasSizeGreaterThan(2).contains(1L);
        }
    }

    @Test
    void aTraceOfSeveralImagesIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            Detector model = Detectors.named("faster_rcnn").build(3);
            model.initialize(manager);
            NDList input = new NDList(manager.zeros(new Shape(2, 3, 64, 64)));
            assertThatThrownBy(() -> Tracer.trace(model, input).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("export it with a batch of 1");
        }
    }
}
