package djinn.losses.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.MaskClasses;
import djinn.ops.PyTorch;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What masks are trained with: the masks that regions want, the loss and its gradients.
 *
 * <p>{@code golden/mask_loss.json} was written with torchvision 0.29.1 on the CPU, its own RoIAlign in use: images of 48x64,
 * 40x40 and 64x64 with two discs, none, and a ring and a disc at the edge; of each object its box and three boxes near it.
 * {@code wanted} is {@code project_masks_on_boxes}, {@code per_class} the value of {@code maskrcnn_loss} and every 997th of its
 * gradients, {@code softmax} those of PyTorch's cross entropy with the masks as probabilities, of logits sin(0.37 i).
 */
class MaskLossTest {

    private static final JsonNode RECORD = Golden.read("mask_loss.json");

    private static List<BoxTargets> targets(NDManager manager) {
        List<BoxTargets> targets = new ArrayList<>();
        List<BoxTargets> boxes = RecordedTargets.ofImages(manager, RECORD);
        for (int i = 0; i < boxes.size(); i++) {
            List<RunLengthMask> masks = RECORD.get("masks")
                    .get(i)
                    .valueStream()
                    .map(MaskLossTest::mask)
                    .toList();
            targets.add(new BoxTargets(boxes.get(i).boxes(), boxes.get(i).labels(), masks));
        }
        return targets;
    }

    private static RunLengthMask mask(JsonNode node) {
        return RunLengthMask.ofCounts(
                node.get("height").asInt(),
                node.get("width").asInt(),
                node.get("counts").valueStream().map(JsonNode::asInt).toList());
    }

    private static NDArray logits(NDManager manager) {
        float[] values = new float[16 * 3 * 28 * 28];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(.37 * i);
        }
        return manager.create(values, new Shape(16, 3, 28, 28));
    }

    @Test
    void wantsTheMasksAsTheRegionsSeeThem() {
        try (NDManager manager = PyTorch.newManager()) {
            MaskLoss.Wanted wanted = new MaskLoss(MaskClasses.PER_CLASS)
                    .wanted(Golden.array(manager, RECORD.get("regions")), 28, targets(manager));
            assertThat(wanted.labels().toLongArray()).containsExactly(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1);
            Golden.assertClose("masks", wanted.masks(), RECORD.get("wanted"));
        }
    }

    @Test
    void ofEachClassByItself() {
        check("per_class", MaskClasses.PER_CLASS);
    }

    @Test
    void ofClassesThatCompete() {
        check("softmax", MaskClasses.SOFTMAX);
    }

    private static void check(String name, MaskClasses classes) {
        JsonNode expected = RECORD.get(name);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray logits = logits(manager);
            logits.setRequiresGradient(true);
            NDArray loss =
                    new MaskLoss(classes).apply(Golden.array(manager, RECORD.get("regions")), logits, targets(manager));
            assertThat((double) loss.getFloat()).isCloseTo(expected.get("loss").asDouble(), within(1e-6));
            Autograd.backward(loss);
            float[] all = logits.getGradient().toFloatArray();
            double[] places = Golden.doubles(expected.get("index"));
            float[] some = new float[places.length];
            for (int i = 0; i < some.length; i++) {
                some[i] = all[(int) places[i]];
            }
            Golden.assertClose("gradient", some, Golden.doubles(expected.get("gradient")), 1e-4, 1e-9);
        }
    }

    /** Of the recorded regions all overlap an object; others are left out. */
    @Test
    void regionsWithObjectsAreFound() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray regions = Golden.array(manager, RECORD.get("regions"));
            NDArray others =
                    manager.create(new float[] {0, 40, 0, 60, 9, 1, 5, 5, 20, 20, 2, 0, 60, 4, 64}, new Shape(3, 5));
            NDArray found = new RegionLoss(.5, .5, 1000, .25).withObject(others.concat(regions), targets(manager));
            assertThat(rows(found)).containsExactlyInAnyOrderElementsOf(rows(regions));
            NDArray some = new RegionLoss(.5, .5, 8, .5).withObject(others.concat(regions), targets(manager));
            assertThat(some.getShape()).isEqualTo(new Shape(8, 5));
            assertThat(rows(regions)).containsAll(rows(some));
        }
    }

    private static List<String> rows(NDArray regions) {
        float[] values = regions.toFloatArray();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i += 5) {
            rows.add(Arrays.toString(Arrays.copyOfRange(values, i, i + 5)));
        }
        return rows;
    }

    @Test
    void noRegionIsNoLossAndWhatDoesNotFitIsSaid() {
        try (NDManager manager = PyTorch.newManager()) {
            MaskLoss loss = new MaskLoss(MaskClasses.PER_CLASS);
            NDArray none = manager.zeros(new Shape(0, 5));
            assertThat(loss.apply(none, manager.zeros(new Shape(0, 3, 28, 28)), targets(manager))
                            .getFloat())
                    .isZero();
            NDArray apart = manager.create(new float[] {0, 40, 0, 60, 9}, new Shape(1, 5));
            NDArray logits = manager.zeros(new Shape(1, 3, 28, 28));
            assertThatThrownBy(() -> loss.apply(apart, logits, targets(manager)))
                    .hasMessageContaining("region 0");
            NDArray regions = Golden.array(manager, RECORD.get("regions")).get("0:1");
            assertThatThrownBy(() -> loss.apply(regions, logits, RecordedTargets.ofImages(manager, RECORD)))
                    .hasMessageContaining("masks");
            assertThatThrownBy(() -> loss.apply(none, logits, targets(manager))).hasMessageContaining("(0, 5)");
            NDArray boxes = manager.zeros(new Shape(2, 4));
            List<RunLengthMask> one = List.of(RunLengthMask.of(1, 1, new boolean[1]));
            assertThatThrownBy(() -> new BoxTargets(boxes, manager.create(new long[2]), one))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 objects");
        }
    }
}
