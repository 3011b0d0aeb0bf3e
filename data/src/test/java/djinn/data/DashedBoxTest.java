package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.ops.Box;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DashedBoxTest {

    private static final int BLACK = 0xFF000000;
    private static final int WHITE = 0xFFFFFFFF;
    private static final Box WHOLE = new Box(0, 0, 40, 40);

    /** The colours of the uppermost row. */
    private static int[] edge(BoxDrawing.Labelled box) {
        Pixels grey = Pixels.filled(40, 40, 0x808080);
        BufferedImage picture = BoxDrawing.of(grey, List.of(box));
        return IntStream.range(1, 39).map(x -> picture.getRGB(x, 0)).toArray();
    }

    @Test
    void aDashedLineIsSeenOnAnyGround() {
        int[] dashed = edge(BoxDrawing.Labelled.dashed(WHOLE));
        assertThat(IntStream.of(dashed).filter(colour -> colour == BLACK).count())
                .isBetween(12L, 26L);
        assertThat(IntStream.of(dashed).filter(colour -> colour == WHITE).count())
                .isBetween(12L, 26L);
    }

    @Test
    void otherLinesAreOfOneColour() {
        assertThat(edge(new BoxDrawing.Labelled(WHOLE, 2, ""))).containsOnly(BLACK | 0x009E73);
    }

    @Test
    void dashesStayWhenTheImageIsEnlarged() {
        BufferedImage picture = SceneDrawing.of(
                Pixels.filled(10, 10, 0x808080), List.of(BoxDrawing.Labelled.dashed(new Box(0, 0, 10, 10))), 40, 80);
        assertThat(IntStream.range(1, 39).map(x -> picture.getRGB(x, 0)).boxed())
                .contains(BLACK, WHITE);
    }
}
