package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * YOLOv5's loss against numbers of PyTorch, and its assignment against cases done by hand.
 *
 * <p>The record {@code yolo_loss.json} is of a script that follows the public definition (release 6: targets cell by cell,
 * CIoU in centre and extent, {@code sort_obj_iou} on) on heads of three times the formula's input, images of 64 by 96, three
 * classes and the release's anchors.
 */
class YoloLossTest {

    private static final float[] ONE_ANCHOR = {2, 4};

    private static List<YoloMatch> match(float x1, float y1, float x2, float y2) {
        return YoloMatch.of(1, new float[] {x1, y1, x2, y2}, new long[] {5}, ONE_ANCHOR, 4, 6, 8, 4);
    }

    @Test
    void anObjectIsGivenToItsCellAndTheNearestNeighbours() {
        // centre (20, 18) in pixels of stride 8 is (2.5, 2.25): up, since .25 is below .5; sideways right, since 3.5
        // from
        // the end leaves .5, which is not below: nowhere
        assertThat(match(12, 2, 28, 34))
                .containsExactly(
                        new YoloMatch(1, 0, 2, 2, 5, .5f, .25f, 2, 4), new YoloMatch(1, 0, 1, 2, 5, .5f, 1.25f, 2, 4));
        // centre (22, 22) is (2.75, 2.75): right and down
        assertThat(match(14, 6, 30, 38))
                .containsExactly(
                        new YoloMatch(1, 0, 2, 2, 5, .75f, .75f, 2, 4),
                        new YoloMatch(1, 0, 2, 3, 5, -.25f, .75f, 2, 4),
                        new YoloMatch(1, 0, 3, 2, 5, .75f, -.25f, 2, 4));
    }

    @Test
    void theMapsEdgeHasNoNeighbour() {
        // centre (2, 30) is (.25, 3.75) in a map of 4 rows: nothing to the left, nothing below
        assertThat(match(-6, 14, 10, 46)).containsExactly(new YoloMatch(1, 0, 3, 0, 5, .25f, .75f, 2, 4));
        // far outside: the nearest cell
        assertThat(match(92, -66, 108, -34)).extracting(YoloMatch::row).containsOnly(0);
        assertThat(match(92, -66, 108, -34)).extracting(YoloMatch::column).containsOnly(5);
    }

    @Test
    void shapesAreAlikeBelowTheRatio() {
        assertThat(match(0, 0, 63, 32)).isNotEmpty();
        assertThat(match(0, 0, 64, 32)).as("4 times as wide").isEmpty();
        assertThat(match(0, 0, 4, 32)).as("4 times narrower").isEmpty();
        assertThat(match(0, 0, 0, 32)).as("no area").isEmpty();
        assertThat(match(10, 0, 0, 32)).as("inverted").isEmpty();
        assertThat(match(Float.NaN, 0, 16, 32)).as("not a number").isEmpty();
    }

    private static NDList heads(NDManager manager, JsonNode record) {
        NDList heads = new NDList();
        int values = 5 + record.get("classes").asInt();
        for (int stride = 8; stride <= 32; stride *= 2) {
            Shape shape = new Shape(
                    2,
                    3,
                    record.get("height").asInt() / stride,
                    record.get("width").asInt() / stride,
                    values);
            NDArray head = Formula.input(manager, "head." + heads.size(), shape).mul(3f);
            head.setRequiresGradient(true);
            heads.add(head);
        }
        return heads;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void valueAndGradientsEqualTheReference(int which) {
        JsonNode record = Golden.read("detection/yolo_loss.json");
        JsonNode expected = record.get("cases").get(which);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = heads(manager, record);
            Map<String, NDArray> terms = new YoloLoss()
                    .apply(
                            heads,
                            RecordedTargets.ofObjects(manager, expected.get("objects"), 2),
                            Golden.array(manager, record.get("anchors")),
                            record.get("height").asInt(),
                            record.get("width").asInt());
            assertThat(terms.keySet()).containsExactly("box", "objectness", "classes");
            terms.forEach((name, term) -> {
                assertThat(term.getShape()).isEqualTo(new Shape());
                assertThat((double) term.getFloat())
                        .as(name)
                        .isCloseTo(
                                expected.get(name).asDouble(),
                                within(1e-6 + 1e-5 * expected.get(name).asDouble()));
            });
            Autograd.backward(terms.get("box").add(terms.get("objectness")).add(terms.get("classes")));
            for (int i = 0; i < heads.size(); i++) {
                JsonNode gradient = expected.get("gradients").get(i);
                Golden.assertClose(
                        "gradient of head " + i,
                        heads.get(i).getGradient().toFloatArray(),
                        Golden.doubles(gradient.get("values")),
                        1e-4,
                        1e-7);
            }
        }
    }

    @Test
    void extremeHeadsAndBoxesGiveFiniteGradients() {
        JsonNode record = Golden.read("detection/yolo_loss.json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = new NDList();
            for (NDArray head : heads(manager, record)) {
                NDArray large = head.mul(1e4f).stopGradient();
                large.setRequiresGradient(true);
                heads.add(large);
            }
            // a single pixel, a whole image, without area, outside, inverted
            float[] boxes = {5, 5, 6, 6, 0, 0, 96, 64, 7, 7, 7, 9, -50, -50, -20, -20, 30, 30, 20, 20};
            BoxTargets odd =
                    new BoxTargets(manager.create(boxes, new Shape(5, 4)), manager.create(new long[] {0, 1, 2, 0, 1}));
            Map<String, NDArray> terms = new YoloLoss()
                    .apply(heads, List.of(odd, odd), Golden.array(manager, record.get("anchors")), 64, 96);
            terms.values().forEach(term -> assertThat(term.getFloat()).isFinite());
            Autograd.backward(terms.get("box").add(terms.get("objectness")).add(terms.get("classes")));
            for (NDArray head : heads) {
                assertThat(head.getGradient().abs().max().getFloat()).isFinite();
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        JsonNode record = Golden.read("detection/yolo_loss.json");
        try (NDManager manager = PyTorch.newManager()) {
            NDList heads = heads(manager, record);
            NDArray anchors = Golden.array(manager, record.get("anchors"));
            BoxTargets fourth = new BoxTargets(manager.zeros(new Shape(1, 4)), manager.create(new long[] {3}));
            assertThatThrownBy(() -> new YoloLoss().apply(heads, List.of(fourth, fourth), anchors, 64, 96))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("labels from 0 to 2")
                    .hasMessageContaining("got 3");
            assertThatThrownBy(() -> new YoloLoss().apply(heads, List.of(fourth), anchors, 64, 96))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 images");
            assertThatThrownBy(() -> new YoloLoss(.05, 1, .5, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ratio");
        }
    }
}
