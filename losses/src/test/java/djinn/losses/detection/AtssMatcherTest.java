package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Arithmetic, and {@code golden/detection/atss.json}, written by NumPy object by object from the paper's algorithm: seven
 * boxes in 64x64 pixels, anchors of 2.4 strides on grids of strides 8, 16 and 32 with one or three ratios.
 */
class AtssMatcherTest {

    @Test
    void theAlgorithmIsThePapers() {
        try (NDManager manager = PyTorch.newManager()) {
            for (JsonNode record : Golden.read("detection/atss.json")) {
                List<Integer> levels =
                        record.get("levels").valueStream().map(JsonNode::asInt).toList();
                long[] matched = new AtssMatcher(record.get("closest").asInt())
                        .match(boxes(manager, record.get("anchors")), levels, boxes(manager, record.get("boxes")))
                        .toLongArray();
                assertThat(Arrays.stream(matched).asDoubleStream().toArray())
                        .containsExactly(Golden.doubles(record.get("matched")));
            }
        }
    }

    private static NDArray boxes(NDManager manager, JsonNode rows) {
        float[] values = Golden.floats(rows);
        return manager.create(values, new Shape(values.length / 4, 4));
    }

    @Test
    void anObjectTakesWhatIsAboveItsOwnMeanAndDeviation() {
        try (NDManager manager = PyTorch.newManager()) {
            // of the box 0 to 10 the IoUs are 1, 1/3, 0 and, on the second level, 1/4: mean .396, deviation .427
            NDArray anchors = manager.create(
                    new float[] {0, 0, 10, 10, 5, 0, 15, 10, 20, 0, 30, 10, -5, -5, 15, 15}, new Shape(4, 4));
            NDArray box = manager.create(new float[] {0, 0, 10, 10}, new Shape(1, 4));
            assertThat(new AtssMatcher(3).match(anchors, List.of(3, 1), box).toLongArray())
                    .containsExactly(0, -1, -1, -1);
            // one candidate a level: mean .625 and deviation .530 are above all
            assertThat(new AtssMatcher(1).match(anchors, List.of(3, 1), box).toLongArray())
                    .containsExactly(-1, -1, -1, -1);
            // a single candidate is its own mean, without deviation
            assertThat(new AtssMatcher(1)
                            .match(anchors, List.of(4), manager.create(new float[] {4, 0, 16, 10}, new Shape(1, 4)))
                            .toLongArray())
                    .containsExactly(-1, 0, -1, -1);
        }
    }

    @Test
    void noObjectsAndObjectsWithoutAreaTakeNone() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray anchors = manager.create(new float[] {0, 0, 10, 10, 5, 0, 15, 10}, new Shape(2, 4));
            for (float[] corners : new float[][] {{}, {5, 5, 5, 5}, {9, 9, 4, 4}, {500, 500, 600, 600}}) {
                NDArray boxes = manager.create(corners, new Shape(corners.length / 4, 4));
                NDArray matched = new AtssMatcher(9).match(anchors, List.of(2), boxes);
                assertThat(matched.getDataType()).isEqualTo(DataType.INT64);
                assertThat(matched.toLongArray()).containsExactly(Matcher.BACKGROUND, Matcher.BACKGROUND);
            }
        }
    }

    @Test
    void retinaNetLearnsFromIt() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray anchors = manager.create(new float[] {0, 0, 10, 10, 50, 0, 60, 10}, new Shape(2, 4));
            NDList heads = new NDList(manager.zeros(new Shape(1, 2, 1)), manager.zeros(new Shape(1, 2, 4)));
            heads.forEach(head -> head.setRequiresGradient(true));
            List<BoxTargets> targets = List.of(new BoxTargets(
                    manager.create(new float[] {2, 0, 12, 10}, new Shape(1, 4)), manager.create(new long[] {0})));
            AtssMatcher matcher = new AtssMatcher(1);
            Map<String, NDArray> terms = new RetinaNetLoss()
                    .apply(heads, anchors, targets, boxes -> matcher.match(anchors, List.of(2), boxes));
            // the code of a shift by a fifth of the width
            assertThat(terms.get("bbox_regression").getFloat()).isEqualTo(.2f);
            // at a probability of 1/2: (.25 + .75) (1/2)^2 log 2
            assertThat((double) terms.get("classification").getFloat()).isCloseTo(Math.log(2) / 4, within(1e-6));
        }
    }

    @Test
    void anchorsOfOtherLevelsAreRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray anchors = manager.zeros(new Shape(3, 4));
            assertThatThrownBy(() -> new AtssMatcher(1).match(anchors, List.of(1, 1), anchors))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[1, 1]")
                    .hasMessageContaining("(3, 4)");
        }
        assertThatThrownBy(() -> new AtssMatcher(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
