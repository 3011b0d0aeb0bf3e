package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.StateLayout;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartingWeightsTest {

    private static final DetectorEntry RETINANET = Detectors.named("retinanet");

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Detector detector(int classes) {
        return ready(RETINANET.build(new DetectorOptions(classes, Optional.of("shufflenet_v2_x0_5"))), 64);
    }

    private <B extends NamedBlock> B ready(B block, int size) {
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, size, size));
        return block;
    }

    private Path write(Map<String, NDArray> state) {
        Path file = folder.resolve("weights.safetensors");
        Safetensors.write(file, state, Map.of());
        return file;
    }

    private static String load(Path file, boolean resetHead, Detector detector) {
        return new StartingWeights(file.toString(), resetHead, Preference.EMA).load(RETINANET, detector);
    }

    @Test
    void aClassifiersWeightsGoToTheBackboneWithoutTheHead() {
        NamedBlock classifier = ready(Models.named("shufflenet_v2_x0_5").build(new ModelOptions(7, 3)), 64);
        Detector detector = detector(2);
        Map<String, NDArray> state = StateDict.of(detector);
        float[] headBefore =
                state.get("head.classification_head.cls_logits.weight").toFloatArray();
        assertThat(load(write(StateDict.of(classifier)), false, detector))
                .contains("of which the backbone shufflenet_v2_x0_5 takes all but its head");
        Map<String, NDArray> given = StateDict.of(classifier);
        state.forEach((name, array) -> {
            if (name.startsWith("backbone.body.")) {
                assertThat(array).isEqualTo(given.get(name.substring("backbone.body.".length())));
            }
        });
        assertThat(state.get("head.classification_head.cls_logits.weight").toFloatArray())
                .isEqualTo(headBefore);
    }

    /** What SSDLite's own trunk takes: all in front of the reduced tail. */
    @Test
    void ssdLiteStartsFromItsClassifier() {
        NamedBlock classifier = ready(Models.named("mobilenet_v3_large").build(new ModelOptions(3, 3)), 64);
        DetectorEntry entry = Detectors.named("ssdlite320_mobilenet_v3_large");
        Detector detector = ready(entry.build(2), 320);
        String line = new StartingWeights(write(StateDict.of(classifier)).toString(), false, Preference.EMA)
                .load(entry, detector);
        assertThat(line).contains("arrays of mobilenet_v3_large and starts");
        Map<String, NDArray> given = StateDict.of(classifier);
        Map<String, NDArray> state = StateDict.of(detector);
        Map.of(
                        "backbone.features.0.0.0.weight", "features.0.0.weight",
                        "backbone.features.0.12.block.3.1.running_var", "features.12.block.3.1.running_var",
                        "backbone.features.0.13.0.weight", "features.13.block.0.0.weight",
                        "backbone.features.1.0.1.0.weight", "features.13.block.1.0.weight",
                        "backbone.features.1.0.2.fc2.bias", "features.13.block.2.fc2.bias")
                .forEach((own, theirs) -> assertThat(state.get(own)).as(own).isEqualTo(given.get(theirs)));
    }

    /** The layers of torchvision's {@code vgg16} and {@code mobilenet_v3_large} that its detectors are made of. */
    @Test
    void everyArrayOfADetectorsOwnTrunkHasTheShapeOfItsClassifiers() {
        assertTrunk("ssd300_vgg16", List.of("scale_weight", "extra.0.7.", "extra.1", "extra.2", "extra.3", "extra.4"));
        assertTrunk(
                "ssdlite320_mobilenet_v3_large",
                List.of("1.0.3.", "1.1.", "1.2.", "1.3.")); // within the part that is the classifier's
        assertTrunk("fasterrcnn_mobilenet_v3_large_fpn", List.of());
    }

    private static void assertTrunk(String name, List<String> own) {
        ClassifierTrunk trunk =
                ClassifierTrunk.of(Detectors.named(name).build(2)).orElseThrow();
        Map<String, Shape> shapes = StateLayout.of(trunk).shapes();
        Map<String, Shape> theirs =
                StateLayout.of(Models.named(trunk.classifier()).build()).shapes();
        List<String> taken = new ArrayList<>();
        shapes.forEach((array, shape) -> {
            boolean anew = own.stream().anyMatch(array::startsWith);
            Optional<String> there = trunk.nameInClassifier(array);
            assertThat(there.isEmpty()).as(array).isEqualTo(anew);
            there.ifPresent(found -> {
                assertThat(theirs.get(found)).as(array).isEqualTo(shape);
                taken.add(found);
            });
        });
        assertThat(taken).doesNotHaveDuplicates().hasSizeGreaterThan(20);
    }

    @Test
    @Tag("slow")
    void ssd300StartsFromVgg16() {
        NamedBlock classifier = ready(Models.named("vgg16").build(new ModelOptions(2, 3)), 64);
        DetectorEntry entry = Detectors.named("ssd300_vgg16");
        Detector detector = ready(entry.build(2), 300);
        Map<String, NDArray> given = new LinkedHashMap<>(StateDict.of(classifier));
        // as torchvision's file for SSD has it
        given.put("classifier.6.bias", manager.full(new Shape(2), Float.NaN));
        assertThat(new StartingWeights(write(given).toString(), false, Preference.EMA).load(entry, detector))
                .contains("takes 26 arrays of vgg16");
        assertThat(StateDict.of(detector).get("backbone.extra.0.5.weight")).isEqualTo(given.get("features.28.weight"));
    }

    @Test
    void aBackboneNeedsNoHead() {
        Map<String, NDArray> state = new LinkedHashMap<>(
                StateDict.of(ready(Models.named("shufflenet_v2_x0_5").build(new ModelOptions(7, 3)), 64)));
        state.keySet().removeIf(name -> name.startsWith("fc."));
        assertThat(load(write(state), false, detector(2))).contains("takes all but its head");
    }

    @Test
    void aDetectorsWeightsGoToAllOfIt() {
        Path file = write(StateDict.of(detector(2)));
        Detector same = detector(2);
        assertThat(load(file, false, same)).contains("starting from");
        Map<String, NDArray> given =
                WeightFile.read(file, manager, Preference.EMA).arrays();
        StateDict.of(same).forEach((name, array) -> assertThat(array).isEqualTo(given.get(name)));

        Detector other = detector(5);
        assertThatThrownBy(() -> load(file, false, other))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cls_logits")
                .hasMessageContaining("reset_head");
        assertThat(load(file, true, other)).contains("anew: head.classification_head.cls_logits");
    }

    /** The backbone in it is whole, but the file is the detector's. */
    @Test
    void aDetectorsFileThatLacksAnArrayIsNotItsBackbones() {
        Map<String, NDArray> state = new LinkedHashMap<>(StateDict.of(detector(2)));
        assertThat(state.remove("backbone.fpn.inner_blocks.0.0.weight")).isNotNull();
        Path lacking = write(state);
        Detector detector = detector(2);
        assertThatThrownBy(() -> load(lacking, false, detector))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "weights of retinanet that are not whole",
                        "1 missing: backbone.fpn.inner_blocks.0.0.weight",
                        "or those of the backbone shufflenet_v2_x0_5 alone");
        assertThat(state.remove("backbone.body.conv1.0.weight")).isNotNull();
        Path more = write(state);
        assertThatThrownBy(() -> load(more, true, detector))
                .hasMessageContaining("2 missing: backbone.body.conv1.0.weight");
    }

    @Test
    void ofOtherDetectorsThoseAreSuggestedWhoseWeightsTheyAre() {
        Map<String, NDArray> state =
                StateDict.of(ready(Detectors.named("yolov5n").build(80), 64));
        WeightFile weights = new WeightFile(folder.resolve("yolo.pt"), Preference.EMA, state, List.of());
        DetectorEntry small = Detectors.named("yolov5s");
        Detector model = ready(small.build(80), 64);
        assertThatThrownBy(() -> ModelWeights.load(weights, small, model, ModelWeights.Use.PREDICT))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("these are the weights of yolov5n; use --model yolov5n");
    }

    @Test
    void aBackboneThatDoesNotPadIsRefused() {
        Detector detector = ready(RETINANET.build(new DetectorOptions(2, Optional.of("inception_v3"), List.of())), 96);
        assertThatThrownBy(() -> detector.forward(
                        manager.zeros(new Shape(1, 3, 96, 96)), new Pass(new ParameterStore(manager, false), false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inception_v3 gives");
    }

    @Test
    void othersWeightsAreRefused() {
        NamedBlock classifier = ready(Models.named("mobilenet_v2").build(new ModelOptions(7, 3)), 64);
        Path file = write(StateDict.of(classifier));
        assertThatThrownBy(() -> load(file, false, detector(2)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("--set model.backbone=mobilenet_v2");
        Map<String, NDArray> part = new LinkedHashMap<>(
                StateDict.of(ready(Models.named("shufflenet_v2_x0_5").build(new ModelOptions(7, 3)), 64)));
        part.remove("stage3.1.branch2.0.weight");
        Path lacking = write(part);
        assertThatThrownBy(() -> load(lacking, false, detector(2)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("stage3.1.branch2.0.weight");
    }
}
