package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The losses of YOLO v1, v2 and v4.
 *
 * <p>No public record of them exists. {@code darknet_losses.json} is of a script of loops in PyTorch, float64, that goes box
 * by box through what the papers and Darknet's descriptions say, on normally distributed heads of two images; among them two
 * objects of one cell, boxes without an object that overlap one, and a batch without objects.
 */
class DarknetLossesTest {

    private static NDList heads(NDManager manager, JsonNode record, float gain) {
        NDList heads = new NDList();
        for (JsonNode head : record.get("heads")) {
            NDArray array = Golden.array(manager, head).mul(gain).stopGradient();
            array.setRequiresGradient(true);
            heads.add(array);
        }
        return heads;
    }

    private static Map<String, NDArray> terms(
            String version, NDList heads, List<BoxTargets> targets, JsonNode record, NDManager manager) {
        return switch (version) {
            case "v1" ->
                new YoloV1Loss().apply(heads, targets, record.get("size").asInt());
            case "v2" ->
                new YoloV2Loss()
                        .apply(
                                heads,
                                targets,
                                Golden.array(manager, record.get("anchors")),
                                record.get("height").asInt());
            default ->
                new YoloV4Loss()
                        .apply(
                                heads,
                                targets,
                                Golden.array(manager, record.get("anchors")),
                                Arrays.stream(Golden.doubles(record.get("stretches")))
                                        .boxed()
                                        .toList(),
                                record.get("height").asInt());
        };
    }

    private static NDArray sum(Map<String, NDArray> terms) {
        return terms.get("box").add(terms.get("objectness")).add(terms.get("classes"));
    }

    @ParameterizedTest
    @CsvSource({"v1, 0", "v1, 1", "v2, 0", "v2, 1", "v4, 0", "v4, 1"})
    void valuesAndGradientsAreThoseOfTheDefinition(String version, int which) {
        JsonNode record =
                Golden.read("detection/darknet_losses.json").get(version).get(which);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = heads(manager, record, 1);
            Map<String, NDArray> terms = terms(
                    version, heads, RecordedTargets.ofObjects(manager, record.get("objects"), 2), record, manager);
            assertThat(terms.keySet()).containsExactly("box", "objectness", "classes");
            terms.forEach((name, term) -> {
                double expected = record.get("terms").get(name).asDouble();
                assertThat(term.getShape()).isEqualTo(new Shape());
                assertThat((double) term.getFloat()).as(name).isCloseTo(expected, within(1e-6 + 1e-5 * expected));
            });
            Autograd.backward(sum(terms));
            for (int i = 0; i < heads.size(); i++) {
                Golden.assertClose(
                        "gradient of head " + i,
                        heads.get(i).getGradient().toFloatArray(),
                        Golden.doubles(record.get("gradients").get(i).get("values")),
                        1e-4,
                        1e-6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v4"})
    void extremeHeadsAndBoxesGiveFiniteGradients(String version) {
        JsonNode record =
                Golden.read("detection/darknet_losses.json").get(version).get(0);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList heads = heads(manager, record, 1e4f);
            // a single pixel, a whole image, without area, outside, inverted, not a number
            float[] boxes = {
                5, 5, 6, 6, 0, 0, 64, 64, 7, 7, 7, 9, -50, -50, -20, -20, 30, 30, 20, 20, Float.NaN, 0, 9, 9
            };
            BoxTargets odd = RecordedTargets.of(manager, boxes, 0, 1, 0, 1, 0, 1);
            Map<String, NDArray> terms = terms(version, heads, List.of(odd, odd), record, manager);
            terms.values().forEach(term -> assertThat(term.getFloat()).isFinite());
            Autograd.backward(sum(terms));
            for (NDArray head : heads) {
                assertThat(head.getGradient().abs().max().getFloat()).isFinite();
            }
        }
    }

    /** One cell of one anchor: a box on its object costs nothing but what objectness lacks of the overlap. */
    @Test
    void aBoxOnItsObjectCostsItsObjectnessAlone() {
        try (NDManager manager = PyTorch.newManager()) {
            // centre at .5, extents of the anchor's 2 by 2 cells, objectness .5
            NDArray head = manager.zeros(new Shape(1, 1, 1, 1, 7));
            NDArray anchors = manager.ones(new Shape(1, 1, 2)).mul(2);
            BoxTargets whole = RecordedTargets.of(manager, new float[] {-16, -16, 48, 48}, 1);
            Map<String, NDArray> two = new YoloV2Loss().apply(new NDList(head), List.of(whole), anchors, 32);
            assertThat(two.get("box").getFloat()).isZero();
            // half of 5 times (1 - .5)^2; two equal classes
            assertThat(two.get("objectness").getFloat()).isCloseTo(.625f, within(1e-5f));
            assertThat(two.get("classes").getFloat()).isCloseTo((float) Math.log(2), within(1e-6f));
            Map<String, NDArray> four =
                    new YoloV4Loss().apply(new NDList(head), List.of(whole), anchors, List.of(1.2), 32);
            assertThat(four.get("box").getFloat()).isCloseTo(0, within(1e-6f));
            assertThat(four.get("objectness").getFloat()).isCloseTo((float) Math.log(2), within(1e-6f));
            assertThat(four.get("classes").getFloat()).isCloseTo((float) (2 * Math.log(2)), within(1e-6f));
        }
    }

    @Test
    void objectsGoToTheBestShapeOfAllMapsAndToThoseThatOverlapEnough() {
        List<YoloMatch.Level> maps = List.of(
                new YoloMatch.Level(List.of(new YoloMatch.Sides(8, 8), new YoloMatch.Sides(16, 16)), 8, 8, 8),
                new YoloMatch.Level(List.of(new YoloMatch.Sides(32, 32), new YoloMatch.Sides(64, 16)), 4, 4, 16));
        // 20 by 20 overlaps 64 / 400, 256 / 400, 400 / 1024 and 320 / 1104
        float[] box = {30, 10, 50, 30};
        assertThat(YoloMatch.byOverlap(3, box, new long[] {2}, maps, 1))
                .containsExactly(List.of(new YoloMatch(3, 1, 2, 5, 2, 0, .5f, 2.5f, 2.5f)), List.of());
        assertThat(YoloMatch.byOverlap(3, box, new long[] {2}, maps, .3))
                .containsExactly(
                        List.of(new YoloMatch(3, 1, 2, 5, 2, 0, .5f, 2.5f, 2.5f)),
                        List.of(new YoloMatch(3, 0, 1, 2, 2, .5f, .25f, 1.25f, 1.25f)));
        assertThat(YoloMatch.byOverlap(0, new float[] {9, 9, 9, 12}, new long[] {0}, maps, 0))
                .allSatisfy(level -> assertThat(level).isEmpty());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            BoxTargets third = RecordedTargets.of(manager, new float[] {0, 0, 9, 9}, 2);
            NDList one = new NDList(manager.zeros(new Shape(1, 1, 2, 2, 7)));
            NDArray anchors = manager.ones(new Shape(1, 1, 2));
            assertThatThrownBy(() -> new YoloV2Loss().apply(one, List.of(third), anchors, 64))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("labels from 0 to 1")
                    .hasMessageContaining("got 2");
            assertThatThrownBy(() -> new YoloV4Loss().apply(one, List.of(third), anchors, List.of(1., 1.), 64))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a stretch for each of 1 heads");
            assertThatThrownBy(() -> new YoloV1Loss().apply(one, List.of(third), 64))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(1 images, S, S, K + 10)");
            assertThatThrownBy(() -> new YoloV2Loss(1, 5, -1, 1, .6))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gains");
            assertThatThrownBy(() -> new YoloV4Loss(.07, 1, 1, .2, 1.5))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("thresholds");
        }
    }
}
