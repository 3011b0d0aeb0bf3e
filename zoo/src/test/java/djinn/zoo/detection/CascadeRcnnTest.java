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
import djinn.export.trace.Tracer;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The heads of a cascade, and what a detector makes of them.
 *
 * <p>{@code golden/detection/cascade_heads.json} was written with PyTorch in double precision out of torchvision's parts:
 * {@code MultiScaleRoIAlign} (3x3, two samples, canonical scale 32), {@code TwoMLPHead} of 6 values, a {@code
 * FastRCNNPredictor} of four classes with the background and 4 codes, and {@code BoxCoder}s of the three weights, in a loop
 * that clips boxes to the image; then all three heads on the last regions. Maps and weights are by formula, maps times 4.
 */
class CascadeRcnnTest {

    private static void assertRecorded(String what, NDArray actual, JsonNode expected) {
        Golden.assertClose(what, actual.toType(DataType.FLOAT32, false), expected);
    }

    @Test
    void theHeadsAreThoseOfTheRecord() {
        JsonNode record = Golden.read("detection/cascade_heads.json");
        int height = record.get("height").asInt();
        int width = record.get("width").asInt();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            CascadeHeads heads = new CascadeHeads(new PyramidRegions(List.of(8, 16), 3, 2, 32), 4, 6, 3);
            heads.initialize(manager, DataType.FLOAT64);
            FormulaWeights.load(heads, manager);
            NDList maps = new NDList(
                    FormulaWeights.doubles(Formula.input(manager, "map0", new Shape(2, 4, 12, 14)), 4),
                    FormulaWeights.doubles(Formula.input(manager, "map1", new Shape(2, 4, 6, 7)), 4));
            NDArray regions = FormulaWeights.doubles(Golden.array(manager, record.get("regions")), 1);
            NDList looks = heads.look(
                    maps,
                    regions,
                    Regions.PROPOSED,
                    height,
                    width,
                    new Pass(new ParameterStore(manager, false), false));
            assertThat(looks).hasSize(10);
            for (int i = 0; i < 3; i++) {
                JsonNode look = record.get("looks").get(i);
                assertRecorded("regions " + i, looks.get(3 * i), look.get("regions"));
                assertRecorded("logits " + i, looks.get(3 * i + 1), look.get("logits"));
                assertRecorded("codes " + i, looks.get(3 * i + 2), look.get("codes"));
            }
            assertRecorded("probabilities", looks.get(9), record.get("probabilities"));
            NDArray boxes = CascadeHeads.boxes(looks.get(6), looks.get(8), 2, height, width);
            assertRecorded("boxes", boxes.squeeze(1), record.get("boxes"));
        }
    }

    /** The second image has the one region that is chosen; it has the same box for all classes. */
    @Test
    void boxesAreThoseOfTheLastStage() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            CascadeRcnn model = (CascadeRcnn) Detectors.named("cascade_rcnn").build(3);
            model.initialize(manager);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
            NDArray one = manager.create(new float[] {1, 10, 12, 40, 52}, new Shape(1, 5));
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDList heads = model.forward(images, (proposed, stage) -> stage == 0 ? one : proposed, pass);
            assertThat(heads).hasSameSizeAs(model.headNames());
            List<CascadeRcnn.Look> looks = model.looks(heads);
            assertThat(looks).extracting(CascadeRcnn.Look::coder).containsExactlyElementsOf(CascadeHeads.CODERS);
            Decoded decoded = model.decode(heads, 64, 96);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, 1, 4));
            assertThat(decoded.scores().getShape()).isEqualTo(new Shape(2, 1, 3));
            float[] scores = decoded.scores().toFloatArray();
            float[] probabilities = heads.get(heads.size() - 1).toFloatArray();
            for (int k = 0; k < 3; k++) {
                assertThat(scores[k]).isZero();
                assertThat(scores[3 + k]).isCloseTo(probabilities[k + 1], within(1e-6f));
            }

            NDArray none = manager.zeros(new Shape(0, 5));
            Decoded nothing = model.decode(model.forward(images, (proposed, stage) -> none, pass), 64, 96);
            assertThat(nothing.boxes().getShape()).isEqualTo(new Shape(2, 1, 4));
            assertThat(nothing.scores().max().getFloat()).isZero();
        }
    }

    @Test
    void aTraceOfSeveralImagesIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            Detector model = Detectors.named("cascade_rcnn").build(3);
            model.initialize(manager);
            NDList input = new NDList(manager.zeros(new Shape(2, 3, 64, 64)));
            assertThatThrownBy(() -> Tracer.trace(model, input).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected one image in a trace");
        }
    }
}
