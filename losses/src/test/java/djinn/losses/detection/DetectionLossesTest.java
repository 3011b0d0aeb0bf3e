package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Terms and gradients of torchvision's {@code compute_loss} of RetinaNet, SSD and FCOS.
 *
 * <p>{@code golden/detection_losses.json} was written with torchvision on the CPU: seed 0, heads by {@code randn}
 * (distances by {@code 4 rand}), three images of 64x64 of which the second is empty, K = 3. RetinaNet and SSD have
 * anchors of {@code AnchorGenerator} with sizes (12, 20) and (32, 48) and ratios .5, 1, 2 on maps of 4x4 and 2x2; FCOS
 * those of sizes 4, 8 and 16 on maps of 16x16, 8x8 and 4x4. SSD's labels are counted from 1 there.
 */
class DetectionLossesTest {

    /** A loss whose settings are bound. */
    private interface Loss {
        Map<String, NDArray> of(NDList heads, NDArray anchors, List<BoxTargets> targets);
    }

    @Test
    void retinaNet() {
        assertRecord("retinanet", (heads, anchors, targets) -> new RetinaNetLoss().apply(heads, anchors, targets));
    }

    @Test
    void ssd() {
        assertRecord("ssd", (heads, anchors, targets) -> new SsdLoss().apply(heads, anchors, targets));
    }

    @Test
    void fcos() {
        List<Integer> levels = List.of(256, 64, 16);
        assertRecord("fcos", (heads, anchors, targets) -> new FcosLoss().apply(heads, anchors, levels, targets));
    }

    @Test
    void noObjectsAndObjectsWithoutAreaGiveFiniteTermsAndGradients() {
        float[][] cases = {{}, {5, 5, 5, 5}, {500, 500, 600, 600}, {9, 9, 4, 4}, {-20, -20, 90, 90}};
        for (float[] corners : cases) {
            assertFinite("retinanet", corners, (h, a, t) -> new RetinaNetLoss().apply(h, a, t));
            assertFinite("ssd", corners, (h, a, t) -> new SsdLoss().apply(h, a, t));
            assertFinite("fcos", corners, (h, a, t) -> new FcosLoss().apply(h, a, List.of(256, 64, 16), t));
        }
    }

    @Test
    void anObjectThatNoAnchorOverlapsTakesNone() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray anchors = manager.create(new float[] {0, 0, 10, 10, 20, 0, 30, 10}, new Shape(2, 4));
            NDArray boxes = manager.create(new float[] {50, 50, 60, 60, 1, 0, 11, 10, 24, 0, 34, 10}, new Shape(3, 4));
            // IoU 9/11 and 6/14
            for (Matcher.Forced forced : Matcher.Forced.values()) {
                long[] matched =
                        new Matcher(.5, .4, forced).match(anchors, boxes).toLongArray();
                assertThat(matched)
                        .as(forced + "")
                        .containsExactly(1, forced == Matcher.Forced.NONE ? Matcher.IGNORED : 2);
            }
            assertThat(new Matcher(.5, .45, Matcher.Forced.NONE)
                            .match(anchors, boxes)
                            .toLongArray())
                    .containsExactly(1, Matcher.BACKGROUND);
        }
    }

    @Test
    void theHardestBackgroundsCount() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray losses = manager.create(new float[] {1, 5, 3, 2, 4, 0, 9, 9, 9, 9, 9, 9}, new Shape(2, 6));
            NDArray classes = manager.create(new long[] {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, new Shape(2, 6));
            assertThat(new HardNegativeMining(2).counted(losses, classes).toFloatArray())
                    .containsExactly(1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void refusesHeadsOfOtherAnchors() {
        try (NDManager manager = PyTorch.newManager()) {
            NDList heads = new NDList(manager.zeros(new Shape(1, 7, 3)), manager.zeros(new Shape(1, 7, 4)));
            List<BoxTargets> targets = List.of(targets(manager, new float[0]));
            assertThatThrownBy(() -> new RetinaNetLoss().apply(heads, manager.zeros(new Shape(8, 4)), targets))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(8, 4)")
                    .hasMessageContaining("(1, 7, 3)");
        }
    }

    private static void assertRecord(String name, Loss loss) {
        JsonNode record = Golden.records("detection_losses.json").get(name);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = heads(manager, record);
            List<BoxTargets> targets = RecordedTargets.ofImages(manager, record);
            Map<String, NDArray> terms = loss.of(heads, Golden.array(manager, record.get("anchors")), targets);
            assertThat(terms.keySet())
                    .containsExactlyInAnyOrderElementsOf(record.get("terms").propertyNames());
            terms.forEach((term, value) -> Golden.assertClose(
                    term,
                    new float[] {value.getFloat()},
                    new double[] {record.get("terms").get(term).asDouble()},
                    1e-5,
                    1e-6));
            Autograd.backward(total(terms));
            for (int i = 0; i < heads.size(); i++) {
                Golden.assertClose(
                        name + " " + i,
                        heads.get(i).getGradient(),
                        record.get("gradients").get(i));
            }
        }
    }

    private static void assertFinite(String name, float[] corners, Loss loss) {
        JsonNode record = Golden.records("detection_losses.json").get(name);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = heads(manager, record);
            List<BoxTargets> targets =
                    List.of(targets(manager, corners), targets(manager, corners), targets(manager, corners));
            Map<String, NDArray> terms = loss.of(heads, Golden.array(manager, record.get("anchors")), targets);
            Autograd.backward(total(terms));
            terms.forEach((term, value) -> assertThat(Float.isFinite(value.getFloat()))
                    .as(name + " " + term)
                    .isTrue());
            for (NDArray head : heads) {
                float sum = head.getGradient().sum().getFloat();
                assertThat(Float.isFinite(sum)).as(name).isTrue();
            }
        }
    }

    private static NDArray total(Map<String, NDArray> terms) {
        return terms.values().stream().reduce(NDArray::add).orElseThrow();
    }

    private static NDList heads(NDManager manager, JsonNode record) {
        NDList heads = new NDList();
        for (JsonNode head : record.get("heads")) {
            NDArray array = Golden.array(manager, head);
            array.setRequiresGradient(true);
            heads.add(array);
        }
        return heads;
    }

    private static BoxTargets targets(NDManager manager, float[] corners) {
        int n = corners.length / 4;
        return new BoxTargets(
                n == 0 ? manager.zeros(new Shape(0, 4)) : manager.create(corners, new Shape(n, 4)),
                manager.zeros(new Shape(n), DataType.INT64));
    }
}
