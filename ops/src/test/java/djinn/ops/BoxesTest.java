package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.golden.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BoxesTest {

    private static final JsonNode RECORD = Golden.read("boxes.json");

    /* The record compares the first six boxes with the eight after them. */
    private static final float[] ALL = Golden.floats(RECORD.get("boxes"));
    private static final float[] A = Arrays.copyOf(ALL, 6 * 4);
    private static final float[] B = Arrays.copyOfRange(ALL, 6 * 4, 14 * 4);

    @Test
    void overlapsAreTorchvisions() {
        Golden.assertClose("iou", Boxes.iou(A, B), Golden.doubles(RECORD.get("iou")), 1e-6, 1e-7);
        Golden.assertClose("giou", Boxes.giou(A, B), Golden.doubles(RECORD.get("giou")), 1e-6, 1e-7);
        Golden.assertClose("diou", Boxes.diou(A, B), Golden.doubles(RECORD.get("diou")), 1e-6, 1e-7);
        Golden.assertClose("ciou", Boxes.ciou(A, B), Golden.doubles(RECORD.get("ciou")), 1e-6, 1e-7);
    }

    @Test
    void overlapsFollowTheirFormulas() {
        float[] square = {0, 0, 2, 2};
        float[] shifted = {1, 1, 3, 3, 2, 0, 4, 2, 0, 0, 2, 2};
        assertThat(Boxes.iou(square, shifted)).containsExactly(1 / 7f, 0, 1);
        // Hulls of 9, 8 and 4 around unions of 7, 8 and 4.
        assertThat(Boxes.giou(square, shifted)).containsExactly((float) (1 / 7. - 2 / 9.), 0, 1);
        // Centres 2 and 4 apart, squared, in hulls of squared diagonals 18 and 20.
        double[] distances = {1 / 7. - 2 / 18., -4 / 20., 1};
        Golden.assertClose("diou", Boxes.diou(square, shifted), distances, 1e-6, 0);
        Golden.assertClose("ciou of squares", Boxes.ciou(square, shifted), distances, 1e-6, 0);
    }

    @Test
    void boxesWithoutAreaOverlapNothing() {
        float[] point = {1, 1, 1, 1};
        float[] square = {0, 0, 2, 2};
        assertThat(Boxes.iou(point, point)).containsExactly(0);
        assertThat(Boxes.iou(point, square)).containsExactly(0);
        assertThat(Boxes.giou(point, point)).containsExactly(0);
        assertThat(Boxes.diou(point, point)).containsExactly(0);
        assertThat(Boxes.ciou(point, point)).containsExactly(0);
        assertThat(Boxes.iou(new float[0], square)).isEmpty();
    }

    @Test
    void formsConvertBothWays() {
        float[] corners = {1, 2, 5, 10, 0, 0, 0, 3};
        float[] extents = {1, 2, 4, 8, 0, 0, 0, 3};
        float[] centres = {3, 6, 4, 8, 0, 1.5f, 0, 3};
        assertThat(Boxes.xyxyToXywh(corners)).containsExactly(extents);
        assertThat(Boxes.xywhToXyxy(extents)).containsExactly(corners);
        assertThat(Boxes.xyxyToCxcywh(corners)).containsExactly(centres);
        assertThat(Boxes.cxcywhToXyxy(centres)).containsExactly(corners);
        assertThat(Boxes.areas(corners)).containsExactly(32, 0);
    }

    @Test
    void clippingKeepsBoxesInTheImage() {
        float[] boxes = {-1, 2, 30, 40, 50, 60, 70, 80, 1, 2, 3, 4};
        assertThat(Boxes.clip(boxes, 10, 20)).containsExactly(0, 2, 20, 10, 20, 10, 20, 10, 1, 2, 3, 4);
        assertThat(boxes[0]).isEqualTo(-1);
    }

    @Test
    void boxesThatAreNoneAreRefusedInOneLine() {
        assertThatThrownBy(() -> Boxes.areas(new float[] {0, 0, 1, 1, 3, 0, 2, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[3.0, 0.0, 2.0, 1.0] as box 1")
                .hasMessageContaining("xywhToXyxy")
                .message()
                .doesNotContain("\n");
        assertThatThrownBy(() -> Boxes.iou(A, new float[] {0, 3, 1, 2})).hasMessageContaining("y1 <= y2");
        assertThatThrownBy(() -> Boxes.areas(new float[] {0, Float.NaN, 1, 1})).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Boxes.areas(new float[] {0, 0, Float.POSITIVE_INFINITY, 1}))
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> Boxes.areas(new float[5])).hasMessageContaining("got 5 values");
        assertThatThrownBy(() -> Boxes.xywhToXyxy(new float[] {0, 0, -1, 1})).hasMessageContaining("at least 0");
        assertThatThrownBy(() -> Boxes.cxcywhToXyxy(new float[] {0, 0, 1, -1})).hasMessageContaining("at least 0");
    }
}
