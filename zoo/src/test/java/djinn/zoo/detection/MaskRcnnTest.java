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
import djinn.export.trace.Graph;
import djinn.export.trace.Tracer;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Box;
import djinn.ops.BoxMask;
import djinn.ops.BoxSelection;
import djinn.ops.MaskClasses;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.RunLengthMask;
import djinn.ops.Suppression;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * torchvision's Mask R-CNN: names, shapes and outputs of all three heads under formula weights, and what it finds.
 *
 * <p>{@code golden/detection/maskrcnn_inference.json} was written with torchvision 0.29.1 on the CPU in double precision: two
 * images {@code input} by formula, five classes with the background; weights by formula, those of the layers under {@code
 * scales} multiplied, so that scores and steps are of a usual size. Of each image what {@code roi_heads} give, labels less
 * one, of each mask every 97th share, and of what {@code paste_masks_in_image} makes of it the number of pixels above a half
 * and the sum of their y + 2 x.
 */
class MaskRcnnTest {

    @Test
    void theTableSaysWhichTellMasks() {
        assertThat(Detectors.all().stream().filter(DetectorEntry::tellsMasks).map(DetectorEntry::name))
                .containsExactly("maskrcnn_resnet50_fpn", "mask_rcnn");
        DetectorEntry wrong = new DetectorEntry(
                "wrong", 64, 1, "none", options -> Detectors.named("mask_rcnn").build(options), List.of(), true);
        assertThatThrownBy(() -> wrong.build(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tellsMasks false");
    }

    @Test
    @Tag("slow")
    void resnet50() {
        JsonNode record = Golden.read("detection/maskrcnn_resnet50_fpn.json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            MaskRcnn model =
                    (MaskRcnn) Detectors.named(record.get("name").asString()).build(90);
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
            NDList heads = model.forward(x, (proposed, stage) -> regions, pass(manager));
            Map<String, NDArray> outputs = new LinkedHashMap<>(model.inside(x, heads, pass(manager)));
            for (int i = 0; i < heads.size(); i++) {
                outputs.put(model.headNames().get(i), heads.get(i));
            }
            assertThat(outputs.remove("roi.proposals")).isSameAs(regions);
            assertThat(outputs.remove("mask.regions")).isSameAs(regions);
            for (JsonNode expected : record.get("outputs")) {
                String output = expected.get("name").asString();
                assertThat(outputs).containsKey(output);
                Golden.assertOutput(expected, outputs.remove(output));
            }
            assertThat(outputs).isEmpty();
        }
    }

    @Test
    @Tag("slow")
    void findsWhatTorchvisionFinds() {
        JsonNode record = Golden.read("detection/maskrcnn_inference.json");
        int height = record.get("height").asInt();
        int width = record.get("width").asInt();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named(record.get("name").asString())
                    .build(record.get("classes").asInt());
            model.initialize(manager, DataType.FLOAT64);
            load(model, manager, record.get("scales"));
            NDArray x = Formula.input(manager, "input", new Shape(2, 3, height, width))
                    .toType(DataType.FLOAT64, false);
            NDList told = model.forward(new ParameterStore(manager, false), new NDList(x), false);
            for (int n = 0; n < 2; n++) {
                JsonNode expected = record.get("images").get(n);
                double[] scores = Golden.doubles(expected.get("scores"));
                assertThat(scores).hasSizeGreaterThan(90);
                assertThat(told.get(3).toLongArray()[n]).isEqualTo(scores.length);
                Golden.assertClose("scores", told.get(1).get(n).toFloatArray(), scores, 1e-5, 0);
                Golden.assertClose(
                        "boxes", told.get(0).get(n).toFloatArray(), Golden.doubles(expected.get("boxes")), 1e-5, 1e-3);
                assertThat(told.get(2).get(n).toLongArray())
                        .containsExactly(expected.get("labels")
                                .valueStream()
                                .mapToLong(JsonNode::asLong)
                                .toArray());
                float[] shares = told.get(4).get(n).toFloatArray();
                float[] some = new float[9 * scores.length];
                for (int i = 0; i < some.length; i++) {
                    some[i] = shares[Math.floorDiv(i, 9) * 784 + i % 9 * 97];
                }
                Golden.assertClose("shares", some, Golden.doubles(expected.get("shares")), 0, 1e-3);
                float[] corners = told.get(0).get(n).toFloatArray();
                for (int i = 0; i < scores.length; i++) {
                    Box box = Box.ofCorners(corners[4 * i], corners[4 * i + 1], corners[4 * i + 2], corners[4 * i + 3]);
                    RunLengthMask mask = new BoxMask(28, Arrays.copyOfRange(shares, 784 * i, 784 * (i + 1)))
                            .within(box, height, width, .5f);
                    // a few pixels are so near a half that rounding decides
                    assertThat(mask.area())
                            .as("mask " + i)
                            .isCloseTo(expected.get("areas").get(i).asLong(), within(2L));
                    assertThat((double) places(mask))
                            .isCloseTo(expected.get("sums").get(i).asDouble(), within(2. * (height + 2 * width)));
                }
            }
        }
    }

    /** The sum of y + 2 x over a mask's pixels. */
    private static long places(RunLengthMask mask) {
        boolean[] pixels = mask.pixels();
        long sum = 0;
        for (int i = 0; i < pixels.length; i++) {
            sum += pixels[i] ? Math.floorDiv(i, mask.width()) + 2L * (i % mask.width()) : 0;
        }
        return sum;
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

    /** The files that torchvision publishes have names of before 0.13. */
    @Test
    void earlierNamesAreKnown() {
        try (NDManager manager = PyTorch.newManager()) {
            Detector model = small(manager, MaskClasses.PER_CLASS);
            Map<String, NDArray> earlier = new LinkedHashMap<>();
            StateDict.of(model)
                    .forEach((key, array) -> earlier.put(
                            key.replaceFirst("^(backbone\\.fpn\\..*_blocks\\.\\d)\\.0\\.", "$1.")
                                    .replace("rpn.head.conv.0.0.", "rpn.head.conv.")
                                    .replace("mask_head.0.0.", "mask_head.mask_fcn1.")
                                    .replace("mask_head.1.0.", "mask_head.mask_fcn2.")
                                    .replace("mask_head.2.0.", "mask_head.mask_fcn3.")
                                    .replace("mask_head.3.0.", "mask_head.mask_fcn4."),
                            array));
            assertThat(earlier)
                    .containsKeys(
                            "backbone.fpn.inner_blocks.0.weight",
                            "rpn.head.conv.bias",
                            "roi_heads.mask_head.mask_fcn4.bias");
            DetectorEntry entry = Detectors.named("mask_rcnn");
            NameFit fit = NameFit.of(earlier, model, entry.keyMaps(), Preference.EMA, "a file")
                    .orElseThrow();
            assertThat(fit.arrays().keySet())
                    .containsExactlyInAnyOrderElementsOf(StateDict.of(model).keySet());
        }
    }

    private static Pass pass(NDManager manager) {
        return new Pass(new ParameterStore(manager, false), false);
    }

    private static Detector small(NDManager manager, MaskClasses masks) {
        Randomness.seed(7);
        Detector model =
                Detectors.named("mask_rcnn").build(new DetectorOptions(3, Optional.of("resnet18"), List.of(), masks));
        model.initialize(manager);
        return model;
    }

    /** What is told is what its own selection of boxes tells, and the masks are those of the heads at these boxes. */
    @Test
    void asABlockItSelectsBoxesAndLooksAtThemAgain() {
        for (MaskClasses masks : MaskClasses.values()) {
            try (NDManager manager = PyTorch.newManager();
                    Autograd.Scope off = Autograd.withoutGradients()) {
                Detector model = small(manager, masks);
                NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
                BoxSelection rule = new BoxSelection(.2, 1000, .4, 7);
                ((Masked) model).tell(rule, Set.of(0, 2));
                NDList told = model.forward(new ParameterStore(manager, false), new NDList(images), false);
                long[] counts = told.get(3).toLongArray();
                int most = Math.toIntExact(Arrays.stream(counts).max().orElseThrow());
                assertThat(told.stream().map(NDArray::getShape))
                        .containsExactly(
                                new Shape(2, most, 4),
                                new Shape(2, most),
                                new Shape(2, most),
                                new Shape(2),
                                new Shape(2, most, 28, 28));
                assertThat(most).isBetween(1, 7);
                assertThat(told.get(2).toLongArray()).doesNotContain(1);

                NDList heads = model.forward(images, Regions.WITHOUT_MASKS, pass(manager));
                Decoded decoded = model.decode(heads, 64, 96);
                float[] scores = decoded.scores().toFloatArray();
                for (int i = 1; i < scores.length; i += 3) {
                    scores[i] = 0;
                }
                float[] boxes = decoded.boxes().toFloatArray();
                for (int n = 0; n < 2; n++) {
                    int image = n;
                    var expected = rule.select(half(boxes, n), half(scores, n), 3);
                    assertThat(counts[n]).isEqualTo(expected.size());
                    for (int i = 0; i < expected.size(); i++) {
                        float[] box = told.get(0).get(n).get(i).toFloatArray();
                        assertThat(box)
                                .containsExactly(
                                        expected.get(i).x1(),
                                        expected.get(i).y1(),
                                        expected.get(i).x2(),
                                        expected.get(i).y2());
                        NDArray region =
                                manager.create(new float[] {image, box[0], box[1], box[2], box[3]}, new Shape(1, 5));
                        NDArray logits = ((MaskRcnn) model)
                                .masks(model.forward(images, (proposed, stage) -> region, pass(manager)))
                                .logits()
                                .get(0);
                        int label = expected.get(i).label();
                        NDArray wanted = masks == MaskClasses.PER_CLASS
                                ? logits.get(label + 1).getNDArrayInternal().sigmoid()
                                : logits.softmax(0).get(label + 1);
                        assertThat(told.get(4)
                                        .get(n)
                                        .get(i)
                                        .sub(wanted)
                                        .abs()
                                        .max()
                                        .getFloat())
                                .isLessThan(1e-5f);
                    }
                }
            }
        }
    }

    private static float[] half(float[] values, int n) {
        return Arrays.copyOfRange(values, n * values.length / 2, (n + 1) * values.length / 2);
    }

    @Test
    void nothingFoundIsOneEmptyPlace() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = small(manager, MaskClasses.PER_CLASS);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
            NDArray none = manager.zeros(new Shape(0, 5));
            NDList heads = model.forward(images, (proposed, stage) -> none, pass(manager));
            assertThat(((MaskRcnn) model).masks(heads).logits().getShape()).isEqualTo(new Shape(0, 4, 28, 28));
            NDList told = model.answer(heads, 64, 96, pass(manager));
            assertThat(told.get(3).toLongArray()).containsOnly(0);
            assertThat(told.get(4).getShape()).isEqualTo(new Shape(2, 1, 28, 28));
            assertThat(told.get(4).max().getFloat()).isZero();
        }
    }

    @Test
    void masksAreChosenOfWhatTellsThemAndTracesAreOfOneImage() {
        DetectorOptions competing = new DetectorOptions(2, Optional.empty(), List.of(), MaskClasses.SOFTMAX);
        assertThatThrownBy(() -> Detectors.named("faster_rcnn").build(competing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tells none");
        try (NDManager manager = PyTorch.newManager()) {
            Detector model = small(manager, MaskClasses.PER_CLASS);
            NDList several = new NDList(manager.zeros(new Shape(2, 3, 64, 64)));
            assertThatThrownBy(() -> Tracer.trace(model, several).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("export it with a batch of 1");
            ((Masked) model)
                    .tell(
                            new BoxSelection(.2, Integer.MAX_VALUE, .4, 7).withSuppression(new Suppression.None()),
                            Set.of());
            NDList one = new NDList(manager.zeros(new Shape(1, 3, 64, 64)));
            assertThatThrownBy(() -> Tracer.trace(model, one).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("plain suppression");
        }
    }

    /** Of other images than the trace's as well; by a high threshold none is found. */
    @Test
    void aTraceSelectsWhatTheDetectorSelects() {
        for (MaskClasses masks : MaskClasses.values()) {
            for (double least : new double[] {.2, .26, .9}) {
                try (NDManager manager = PyTorch.newManager();
                        Autograd.Scope off = Autograd.withoutGradients()) {
                    Detector model = small(manager, masks);
                    ((Masked) model).tell(new BoxSelection(least, Integer.MAX_VALUE, .4, 7), Set.of());
                    NDList example = new NDList(manager.randomUniform(-1, 1, new Shape(1, 3, 64, 96)));
                    try (Graph graph = Tracer.trace(model, example)) {
                        for (int i = 0; i < 3; i++) {
                            NDList images = new NDList(manager.randomUniform(-1, 1 + i, new Shape(1, 3, 64, 96)));
                            NDList expected = model.forward(new ParameterStore(manager, false), images, false);
                            NDList answers = graph.run(images);
                            assertThat(answers.get(3).toLongArray())
                                    .isEqualTo(expected.get(3).toLongArray());
                            assertThat(expected.get(3).toLongArray()[0] == 0).isEqualTo(least == .9);
                            for (int k = 0; k < expected.size(); k++) {
                                assertThat(answers.get(k).getShape())
                                        .isEqualTo(expected.get(k).getShape());
                                assertThat(answers.get(k).getDataType())
                                        .isEqualTo(expected.get(k).getDataType());
                                assertThat(answers.get(k)
                                                .toType(DataType.FLOAT32, false)
                                                .sub(expected.get(k).toType(DataType.FLOAT32, false))
                                                .abs()
                                                .max()
                                                .getFloat())
                                        .as("answer " + k)
                                        .isLessThan(2e-4f);
                            }
                        }
                    }
                }
            }
        }
    }
}
