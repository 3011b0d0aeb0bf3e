package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
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
 * FastestDet's loss against the repository's own.
 *
 * <p>The record {@code fastestdet_loss.json} is what {@code module/loss.py} computes of the formula's values times two under
 * the name {@code fastestdet}, (3, 8, 8, 8), of which the first channel went through a sigmoid and the last three through a
 * softmax: once with four objects that share no cell and are not in the map's first row or column, once with none.
 */
class FastestDetLossTest {

    private static NDArray head(NDManager manager, float scale) {
        NDArray raw =
                Formula.input(manager, "fastestdet", new Shape(3, 8, 8, 8)).mul(scale);
        NDArray object = ai.djl.nn.Activation.sigmoid(raw.get(":, :1"));
        NDArray head = NDArrays.concat(
                        new NDList(object, raw.get(":, 1:5"), raw.get(":, 5:").softmax(1)), 1)
                .stopGradient();
        head.setRequiresGradient(true);
        return head;
    }

    private static NDArray sum(Map<String, NDArray> terms) {
        return terms.get("box").add(terms.get("objectness")).add(terms.get("classes"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void valueAndGradientEqualTheReference(int which) {
        JsonNode record = Golden.read("detection/fastestdet_loss.json");
        JsonNode expected = record.get("cases").get(which);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray head = head(manager, 2);
            Map<String, NDArray> terms = new FastestDetLoss()
                    .apply(head, RecordedTargets.ofObjects(manager, expected.get("objects"), 3), 128, 128);
            assertThat(terms.keySet()).containsExactly("box", "objectness", "classes");
            terms.forEach((name, term) -> assertThat((double) term.getFloat())
                    .as(name)
                    .isCloseTo(
                            expected.get(name).asDouble(),
                            within(1e-6 + 1e-5 * expected.get(name).asDouble())));
            Autograd.backward(sum(terms));
            Golden.assertClose(
                    "gradient",
                    head.getGradient().toFloatArray(),
                    Golden.doubles(expected.get("gradient").get("values")),
                    1e-4,
                    1e-7);
        }
    }

    @Test
    void aPerfectBoxHasNoTerm() {
        try (NDManager manager = PyTorch.newManager()) {
            // a head of one cell: tanh(0) is its corner, sigmoid(0) half of the map
            NDArray head = manager.create(new float[] {1, 0, 0, 0, 0, 1}, new Shape(1, 6, 1, 1));
            // centre (0, 0), 16 by 16
            BoxTargets object = RecordedTargets.of(manager, new float[] {-8, -8, 8, 8}, 0);
            Map<String, NDArray> terms = new FastestDetLoss().apply(head, List.of(object), 32, 32);
            terms.forEach((name, term) ->
                    assertThat((double) term.getFloat()).as(name).isCloseTo(0, within(1e-5)));
        }
    }

    @Test
    void extremeHeadsAndBoxesGiveFiniteGradients() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray head = head(manager, 1e4f);
            // a single pixel, a whole image, without area, outside, inverted, a second one in the same cells
            BoxTargets odd = RecordedTargets.of(
                    manager,
                    new float[] {5, 5, 6, 6, 0, 0, 128, 128, 7, 7, 7, 9, -50, -50, -20, -20, 30, 30, 20, 20, 5, 5, 6, 7
                    },
                    0,
                    1,
                    2,
                    0,
                    1,
                    2);
            BoxTargets none = RecordedTargets.of(manager, new float[0]);
            Map<String, NDArray> terms = new FastestDetLoss().apply(head, List.of(odd, none, odd), 128, 128);
            terms.values().forEach(term -> assertThat(term.getFloat()).isFinite());
            Autograd.backward(sum(terms));
            assertThat(head.getGradient().abs().max().getFloat()).isFinite();
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray head = head(manager, 1);
            BoxTargets fourth = RecordedTargets.of(manager, new float[] {1, 2, 3, 4}, 3);
            assertThatThrownBy(() -> new FastestDetLoss().apply(head, List.of(fourth, fourth, fourth), 128, 128))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("labels from 0 to 2");
            assertThatThrownBy(() -> new FastestDetLoss().apply(head, List.of(fourth), 128, 128))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a head (1 images");
            assertThatThrownBy(() -> new FastestDetLoss(-1, 16, 1)).hasMessageContaining("gains");
        }
    }
}
