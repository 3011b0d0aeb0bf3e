package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.CornerCoder;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What networks are trained with that remove duplicates themselves, or tell how sure they are.
 *
 * <p>{@code golden/duplicate_loss.json} was written with PyTorch in double precision, its targets by loops over images,
 * classes, overlaps and objects: seed 1, three images of 64x64 of which the second is empty, K = 3, of each object five boxes
 * near it and three elsewhere, moved by {@code 2.5 randn} for each class; logits by {@code randn}, of four boxes -100.
 */
class RelationLossesTest {

    @Test
    void duplicatesAreTheRecords() {
        JsonNode record = Golden.read("duplicate_loss.json");
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray logits = Golden.array(manager, record.get("logits"));
            NDArray distinct = Golden.array(manager, record.get("distinct"));
            logits.setRequiresGradient(true);
            distinct.setRequiresGradient(true);
            NDArray loss = new DuplicateLoss()
                    .apply(
                            Golden.array(manager, record.get("regions")),
                            logits,
                            Golden.array(manager, record.get("moved")),
                            distinct,
                            RecordedTargets.ofImages(manager, record))
                    .get("duplicates");
            assertThat((double) loss.getFloat())
                    .isCloseTo(record.get("duplicates").asDouble(), within(1e-5));
            Autograd.backward(loss);
            Golden.assertClose(
                    "logits", logits.getGradient(), record.get("gradients").get(0));
            Golden.assertClose(
                    "distinct", distinct.getGradient(), record.get("gradients").get(1));
        }
    }

    @Test
    void noRegionsAndNoObjectsCostNothing() {
        try (NDManager manager = PyTorch.newManager()) {
            BoxTargets empty =
                    new BoxTargets(manager.zeros(new Shape(0, 4)), manager.zeros(new Shape(0), DataType.INT64));
            BoxTargets one = new BoxTargets(
                    manager.create(new float[] {0, 0, 9, 9}, new Shape(1, 4)), manager.create(new long[] {1}));
            for (BoxTargets target : List.of(empty, one)) {
                float loss = new DuplicateLoss()
                        .apply(
                                manager.zeros(new Shape(0, 5)),
                                manager.zeros(new Shape(0, 3)),
                                manager.zeros(new Shape(0, 2, 4)),
                                manager.zeros(new Shape(0, 2, 5)),
                                List.of(target))
                        .get("duplicates")
                        .getFloat();
                assertThat(loss).isZero();
            }
            assertThatThrownBy(() -> new DuplicateLoss()
                            .apply(
                                    manager.zeros(new Shape(0, 5)),
                                    manager.zeros(new Shape(0, 3)),
                                    manager.zeros(new Shape(0, 2, 4)),
                                    manager.zeros(new Shape(0, 2, 4)),
                                    List.of(one)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(R, K, 5)");
        }
    }

    /**
     * A region of 20 by 20 whose object of class 1 of two ends 1 pixel further right: its right side should move by 10 / 20.
     * Of the codes one is wrong by 0.5, one by 3.
     */
    @Test
    void sureAndWrongCostsMoreThanUnsureAndWrong() {
        try (NDManager manager = PyTorch.newManager()) {
            BoxTargets target = new BoxTargets(
                    manager.create(new float[] {0, 0, 21, 20}, new Shape(1, 4)), manager.create(new long[] {1}));
            NDArray region = manager.create(new float[] {0, 0, 0, 20, 20}, new Shape(1, 5));
            NDArray logits = manager.zeros(new Shape(1, 3));
            NDArray codes = manager.create(new float[] {9, 9, 9, 9, 9, 9, 9, 9, 0, 3, 0, 0}, new Shape(1, 12));
            double[] logVariances = {0, 1, -1, .5};
            float[] all = new float[12];
            for (int i = 0; i < 4; i++) {
                all[8 + i] = (float) logVariances[i];
            }
            Map<String, NDArray> terms = new UncertainRegionLoss()
                    .apply(
                            region,
                            logits,
                            codes,
                            manager.create(all, new Shape(1, 12)),
                            new CornerCoder(10),
                            List.of(target));
            assertThat(terms.keySet()).containsExactly("classification", "box_kl");
            // 0.5^2 / 2 of the right side, and 3 - 1 / 2 of the upper
            double expected = Math.exp(1) * .125 + Math.exp(-1) * 2.5 + (0 + 1 - 1 + .5) / 2;
            assertThat((double) terms.get("box_kl").getFloat()).isCloseTo(expected, within(1e-5));
            assertThat((double) terms.get("classification").getFloat()).isCloseTo(Math.log(3), within(1e-6));
            assertThatThrownBy(() -> new UncertainRegionLoss()
                            .apply(region, logits, codes, codes.get(":, 1:"), new CornerCoder(10), List.of(target)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(1, 11)");
        }
    }
}
