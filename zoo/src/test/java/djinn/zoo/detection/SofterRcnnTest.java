package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Suppression;
import djinn.zoo.nn.Pass;
import org.junit.jupiter.api.Test;

/** Boxes whose sides are told with their variances, by arithmetic. */
class SofterRcnnTest {

    @Test
    void variancesAreOfPixelsAndGoWithTheirBoxes() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            SofterRcnn model = (SofterRcnn) Detectors.named("softer_rcnn").build(1);
            model.initialize(manager);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
            NDArray regions =
                    manager.create(new float[] {1, 10, 10, 30, 50, 0, 5, 5, 25, 15, 1, 0, 0, 96, 64}, new Shape(3, 5));
            NDList heads = model.forward(
                    images, (proposed, stage) -> regions, new Pass(new ParameterStore(manager, false), false));
            assertThat(heads).hasSameSizeAs(model.headNames());
            // variances start near 1 in units of a tenth of the region's side
            assertThat(heads.get(heads.size() - 1).abs().max().getFloat()).isLessThan(.1f);
            NDList told = new NDList(heads);
            int at = model.headNames().indexOf("roi.class_logits");
            told.set(at, manager.create(new float[] {0, 0, 0, 0, 0, 0}, new Shape(3, 2)));
            told.set(
                    at + 1,
                    manager.create(
                            new float[] {9, 9, 9, 9, 1, -1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                            new Shape(3, 8)));
            float log = (float) Math.log(2);
            told.set(
                    at + 2,
                    manager.create(
                            new float[] {9, 9, 9, 9, log, 0, 0, -log, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                            new Shape(3, 8)));
            Decoded decoded = model.decode(told, 64, 96);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, 2, 1, 4));
            assertThat(decoded.arrays()).hasSize(3);
            assertThat(decoded.boxes().get("0, 0, 0").toFloatArray()).containsExactly(5, 5, 25, 15);
            assertThat(decoded.boxes().get("1, 0, 0").toFloatArray()).containsExactly(12, 6, 30, 58);
            assertThat(decoded.variances()).isPresent();
            NDArray variances = decoded.variances().get();
            assertThat(variances.get("0, 0, 0").toFloatArray()).containsExactly(4, 1, 4, 1);
            float[] own = variances.get("1, 0, 0").toFloatArray();
            float[] expected = {8, 16, 4, 8};
            for (int i = 0; i < 4; i++) {
                assertThat(own[i]).isCloseTo(expected[i], within(1e-4f));
            }
            assertThat(decoded.scores().get("1, :, 0").toFloatArray()).containsExactly(.5f, .5f);
            assertThat(decoded.scores().get("0, 1, 0").getFloat()).isZero();
            assertThat(model.selection(64, 96).suppression()).isEqualTo(new Suppression.BoxVoting(.02));
        }
    }
}
