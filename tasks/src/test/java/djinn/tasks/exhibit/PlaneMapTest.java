package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import djinn.training.exhibit.Cloud;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaneMapTest {

    @Test
    void theAxesAreThoseOfTheMostVariance() {
        // places on three axes at right angles, without correlation: variances 12, 6 and 2
        double[][] places = {{3, 0, 0}, {-1, 2, 0}, {-1, -1, 1}, {-1, -1, -1}};
        double[][] axes = {{.6, .8, 0}, {-.8, .6, 0}, {0, 0, 1}};
        PlaneMap map = new PlaneMap();
        for (int n = 0; n < 4; n++) {
            float[] vector = {10, 20, 30};
            for (int axis = 0; axis < 3; axis++) {
                for (int d = 0; d < 3; d++) {
                    vector[d] += (float) (places[n][axis] * axes[axis][d]);
                }
            }
            map.add(vector, "group " + n % 2, "name " + n);
        }
        Cloud cloud = map.cloud("Map", "Vectors");
        assertThat(cloud.points()).hasSize(4);
        for (int n = 0; n < 4; n++) {
            Cloud.Point point = cloud.points().get(n);
            assertThat(point.x()).isCloseTo(places[n][0], within(1e-5));
            assertThat(point.y()).isCloseTo(places[n][1], within(1e-5));
            assertThat(point.group()).isEqualTo("group " + n % 2);
            assertThat(point.name()).isEqualTo("name " + n);
        }
        assertThat(cloud.note()).startsWith("Vectors, ").contains("PCA").contains("hold 90.0 %");
        assertThat(map.cloud("Map", "Vectors")).isEqualTo(cloud);
    }

    @Test
    void moreNumbersThanVectorsAndFewerAxesThanTwoWillDo() {
        PlaneMap wide = new PlaneMap();
        wide.add(new float[] {0, 0, 0, 4, 0}, "", "");
        wide.add(new float[] {0, 0, 0, 1, 0}, "", "");
        wide.add(new float[] {0, 0, 0, 1, 0}, "", "");
        assertThat(rounded(wide)).containsExactly(2L, -1L, -1L);
        PlaneMap line = new PlaneMap();
        line.add(new float[] {1}, "", "");
        line.add(new float[] {2}, "", "");
        line.add(new float[] {6}, "", "");
        assertThat(rounded(line)).containsExactly(-2L, -1L, 3L);
        assertThat(line.cloud("", "").points().stream().map(Cloud.Point::y)).containsExactly(0., 0., 0.);
        PlaneMap same = new PlaneMap();
        same.add(new float[] {5, 5}, "", "");
        assertThat(same.cloud("", "").points()).containsExactly(new Cloud.Point(0, 0, "", ""));
    }

    /** Whole numbers are told as such, whatever their last digits. */
    private static List<Long> rounded(PlaneMap map) {
        return map.cloud("", "").points().stream()
                .map(point -> {
                    assertThat(point.x()).isCloseTo(Math.rint(point.x()), within(1e-9));
                    return Math.round(point.x());
                })
                .toList();
    }
}
