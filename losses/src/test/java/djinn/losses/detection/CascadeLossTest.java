package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What the stages of a cascade are trained with.
 *
 * <p>{@code golden/cascade_loss.json} was written with PyTorch in double precision: seed 0, three images of 64x64 of which
 * the second is empty, K = 3, four regions near each object and eight elsewhere, all of which count, heads by {@code randn};
 * matches by torchvision's {@code box_iou} from 0.5, 0.6 and 0.7, codes by its {@code BoxCoder}, {@code cross_entropy}, and
 * {@code smooth_l1_loss} of beta 1, summed, over the number of regions.
 */
class CascadeLossTest {

    private static final List<BoxCoder> CODERS =
            List.of(new BoxCoder(10, 10, 5, 5), new BoxCoder(20, 20, 10, 10), new BoxCoder(30, 30, 15, 15));

    private static final JsonNode RECORD = Golden.read("cascade_loss.json");

    @Test
    void eachStageIsTheRecords() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            List<BoxTargets> targets = RecordedTargets.ofImages(manager, RECORD);
            NDArray regions = Golden.array(manager, RECORD.get("regions"));
            for (int stage = 0; stage < 3; stage++) {
                JsonNode record = RECORD.get("stages").get(stage);
                NDArray logits = Golden.array(manager, record.get("logits"));
                NDArray codes = Golden.array(manager, record.get("codes"));
                logits.setRequiresGradient(true);
                codes.setRequiresGradient(true);
                Map<String, NDArray> terms =
                        new CascadeLoss(10_000, .25).apply(stage, regions, logits, codes, CODERS.get(stage), targets);
                assertThat(terms.keySet())
                        .containsExactlyInAnyOrderElementsOf(record.get("terms").propertyNames());
                terms.forEach((term, value) -> Golden.assertClose(
                        term,
                        new float[] {value.getFloat()},
                        new double[] {record.get("terms").get(term).asDouble()},
                        1e-5,
                        1e-6));
                Autograd.backward(terms.values().stream().reduce(NDArray::add).orElseThrow());
                Golden.assertClose(
                        "logits", logits.getGradient(), record.get("gradients").get(0));
                Golden.assertClose(
                        "codes", codes.getGradient(), record.get("gradients").get(1));
            }
        }
    }

    /** A region that overlaps its object by 0.65 has it in the first two stages. */
    @Test
    void theLaterTheStageTheBetterARegionMustFit() {
        try (NDManager manager = PyTorch.newManager()) {
            BoxTargets target = new BoxTargets(
                    manager.create(new float[] {0, 0, 20, 20}, new Shape(1, 4)), manager.create(new long[] {1}));
            NDArray region = manager.create(new float[] {0, 0, 0, 20, 13}, new Shape(1, 5));
            NDArray logits = manager.create(new float[] {0, 0, 5}, new Shape(1, 3));
            NDArray codes = manager.zeros(new Shape(1, 4));
            for (int stage = 0; stage < 3; stage++) {
                float entropy = new CascadeLoss()
                        .apply(stage, region, logits, codes, BoxCoder.SSD, List.of(target))
                        .get("classification_" + stage)
                        .getFloat();
                if (stage < 2) {
                    assertThat(entropy).as("stage " + stage).isLessThan(.1f);
                } else {
                    assertThat(entropy).as("stage " + stage).isGreaterThan(1);
                }
                // the object itself joins
                assertThat(new CascadeLoss()
                                .choose(region, stage, List.of(target))
                                .getShape())
                        .isEqualTo(new Shape(2, 5));
            }
            assertThatThrownBy(() -> new CascadeLoss()
                            .apply(0, region, logits, manager.zeros(new Shape(1, 12)), BoxCoder.SSD, List.of(target)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("codes (R, 4)");
        }
    }
}
