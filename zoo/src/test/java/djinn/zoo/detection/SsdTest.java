package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The SSDs that have no record: shapes and the arithmetic of their boxes. */
class SsdTest {

    private static Ssd named(String name, int classes) {
        return (Ssd) Detectors.named(name).build(classes);
    }

    @Test
    void mobileNetSsdHasTheCaffeLayoutsMapsAndHeads() {
        // maps of 19, 10, 5, 3, 2 and 1, with 3 boxes at a position of the first and 6 at the others'
        assertThat(named("mobilenet_ssd", 20).levels(300, 300)).containsExactly(1083, 600, 150, 54, 24, 6);
        try (NDManager manager = PyTorch.newManager()) {
            Ssd model = named("mobilenet_ssd", 20);
            model.initialize(manager);
            var state = StateDict.of(model);
            String heads = "head.%s_head.module_list.%d.weight";
            assertThat(state.get(heads.formatted("regression", 0)).getShape()).isEqualTo(new Shape(12, 512, 1, 1));
            assertThat(state.get(heads.formatted("classification", 0)).getShape())
                    .isEqualTo(new Shape(63, 512, 1, 1));
            assertThat(state.get(heads.formatted("regression", 5)).getShape()).isEqualTo(new Shape(24, 128, 1, 1));
            assertThat(state.get(heads.formatted("classification", 1)).getShape())
                    .isEqualTo(new Shape(126, 1024, 1, 1));
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                NDArray images = manager.randomUniform(-1, 1, new Shape(1, 3, 300, 300));
                NDList found = model.forward(images, new Pass(new ParameterStore(manager, false), false));
                assertThat(found.get(0).getShape()).isEqualTo(new Shape(1, 1917, 4));
                assertThat(found.get(1).getShape()).isEqualTo(new Shape(1, 1917, 21));
            }
        }
    }

    @Test
    void mobileNetSsdsBoxesAreThoseOfCaffesPriorBoxes() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray boxes = named("mobilenet_ssd", 20).anchors(manager, 300, 300);
            // the first map's steps are 300/19: a square of 60, then 60 sqrt(2) by 60 / sqrt(2) and that upright
            double centre = 300 / 38.;
            assertBox(boxes, 0, centre, centre, 60, 60);
            assertBox(boxes, 1, centre, centre, 60 * Math.sqrt(2), 60 / Math.sqrt(2));
            assertBox(boxes, 2, centre, centre, 60 / Math.sqrt(2), 60 * Math.sqrt(2));
            assertBox(boxes, 3, 3 * centre, centre, 60, 60);
            assertBox(boxes, 1082, 300 - centre, 300 - centre, 60 / Math.sqrt(2), 60 * Math.sqrt(2));
            // the second map's second square is between 105 and 150
            assertBox(boxes, 1084, 15, 15, Math.sqrt(105 * 150), Math.sqrt(105 * 150));
            // the last map's boxes leave the image
            assertBox(boxes, 1911, 150, 150, 285, 285);
            assertBox(boxes, 1912, 150, 150, Math.sqrt(285 * 300), Math.sqrt(285 * 300));
            assertBox(boxes, 1915, 150, 150, 285 * Math.sqrt(3), 285 / Math.sqrt(3));
        }
    }

    private static void assertBox(NDArray boxes, int row, double x, double y, double width, double height) {
        float[] box = boxes.get(row).toFloatArray();
        double[] expected = {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
        for (int i = 0; i < 4; i++) {
            assertThat((double) box[i]).as("%d of box %d", i, row).isCloseTo(expected[i], within(1e-3));
        }
    }

    @ParameterizedTest
    @CsvSource({"ssd, resnet18", "ssd, vgg11_bn", "ssdlite, mobilenet_v2", "mobilenet_ssd,"})
    void anyBackboneGivesARowForEachBox(String name, String backbone) {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named(name).build(new DetectorOptions(3, Optional.ofNullable(backbone)));
            model.initialize(manager);
            NDArray images = manager.zeros(new Shape(2, 3, 96, 64));
            NDList heads = model.forward(images, new Pass(new ParameterStore(manager, false), false));
            long rows = ((Anchored) model).anchors(manager, 96, 64).getShape().get(0);
            assertThat(((Anchored) model)
                            .levels(96, 64).stream().mapToInt(n -> n).sum())
                    .isEqualTo((int) rows);
            assertThat(heads.get(0).getShape()).isEqualTo(new Shape(2, rows, 4));
            assertThat(heads.get(1).getShape()).isEqualTo(new Shape(2, rows, 4));
            Decoded decoded = model.decode(heads, 96, 64);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, rows, 4));
            assertThat(decoded.scores().getShape()).isEqualTo(new Shape(2, rows, 3));
        }
    }

    @Test
    void ssd300TakesNoOtherSize() {
        assertThatThrownBy(() -> named("ssd300_vgg16", 2).levels(320, 320))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("300x300")
                .hasMessageContaining("320x320");
    }
}
