package djinn.tasks.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.LabelMap;
import org.junit.jupiter.api.Test;

class SegmentationExhibitsTest {

    private static final byte UNKNOWN = (byte) LabelMap.IGNORED;

    private static String caption(byte[] answered, byte... expected) {
        try (SegmentationFigures figures = new SegmentationFigures(3)) {
            figures.add(new LabelMap(1, answered.length, answered), new LabelMap(1, expected.length, expected));
            return SegmentationExhibits.caption(figures.confusion());
        }
    }

    @Test
    void anImageIsJudgedByItsOwnPixels() {
        // 1 of 2 and 2 of 3; class 2 is not there
        assertThat(caption(new byte[] {0, 1, 1, 1}, (byte) 0, (byte) 0, (byte) 1, (byte) 1))
                .isEqualTo("mean IoU 0.583, 75.0 % of pixels right");
        // what is unknown counts for nothing
        assertThat(caption(new byte[] {0, 1, 2, 1}, (byte) 0, (byte) 1, UNKNOWN, UNKNOWN))
                .isEqualTo("mean IoU 1.000, 100.0 % of pixels right");
        assertThat(caption(new byte[] {0}, UNKNOWN)).isEqualTo("no pixel's class is known");
    }
}
