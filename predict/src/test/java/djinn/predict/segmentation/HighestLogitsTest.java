package djinn.predict.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Geometry;
import djinn.data.LabelMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HighestLogitsTest {

    private static final int CLASSES = 3;
    private static final int HEIGHT = 5;
    private static final int WIDTH = 7;

    @Test
    void everyPixelIsTheHighestOfFourNeighboursMixed() {
        Random random = new Random(4);
        float[] logits = new float[CLASSES * HEIGHT * WIDTH];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        requireEach(logits, Geometry.cut(HEIGHT, WIDTH, 0, 0, HEIGHT, WIDTH, 12, 23));
        requireEach(logits, Geometry.cut(HEIGHT, WIDTH, 0, 0, HEIGHT, WIDTH, 2, 3));
        requireEach(logits, Geometry.cut(HEIGHT, WIDTH, -1.5, 2.25, 8, 9.5, 11, 6));
        requireEach(logits, Geometry.none(HEIGHT, WIDTH));
        requireEach(logits, Geometry.upsideDown(HEIGHT, WIDTH));
    }

    @Test
    void rowsMustStayRows() {
        Geometry turned = new Geometry(2, 2, 2, 2, 0, 1, 0, 1, 0, 0);
        assertThatThrownBy(() -> HighestLogits.of(new float[8], 2, turned))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a geometry whose rows stay rows");
    }

    private static void requireEach(float[] logits, Geometry geometry) {
        LabelMap labels = HighestLogits.of(logits, CLASSES, geometry);
        for (int y = 0; y < geometry.height(); y++) {
            for (int x = 0; x < geometry.width(); x++) {
                double fromX = geometry.xx() * (x + 0.5) + geometry.x0();
                double fromY = geometry.yy() * (y + 0.5) + geometry.y0();
                boolean seen = fromX >= 0 && fromX < WIDTH && fromY >= 0 && fromY < HEIGHT;
                assertThat(labels.at(y, x))
                        .as("row %d column %d of %s", y, x, geometry)
                        .isEqualTo(seen ? highest(logits, fromX - 0.5, fromY - 0.5) : LabelMap.IGNORED);
            }
        }
    }

    private static int highest(float[] logits, double x, double y) {
        int best = 0;
        for (int k = 1; k < CLASSES; k++) {
            best = mixed(logits, k, x, y) > mixed(logits, best, x, y) ? k : best;
        }
        return best;
    }

    private static double mixed(float[] logits, int k, double x, double y) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double sum = 0;
        for (int row = top; row <= top + 1; row++) {
            for (int column = left; column <= left + 1; column++) {
                int atRow = Math.max(0, Math.min(HEIGHT - 1, row));
                int atColumn = Math.max(0, Math.min(WIDTH - 1, column));
                double weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
                sum += weight * logits[(k * HEIGHT + atRow) * WIDTH + atColumn];
            }
        }
        return sum;
    }
}
