package djinn.data.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.data.detection.AnchorClusters.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Boxes whose best anchors are known by arithmetic. */
class AnchorClustersTest {

    @Test
    void anchorsAreTheMeansOfTheirBoxes() {
        List<Shape> boxes = List.of(
                new Shape(10, 20), new Shape(12, 20), new Shape(14, 20), new Shape(100, 50), new Shape(100, 70));
        AnchorClusters clusters = AnchorClusters.fitted(boxes, 2, 7);
        assertThat(clusters.anchors()).containsExactly(new Shape(12, 20), new Shape(100, 60));
        // of one height or width IoU is the ratio of the others
        assertThat(clusters.meanIou()).isCloseTo((10.0 / 12 + 1 + 12.0 / 14 + 5.0 / 6 + 6.0 / 7) / 5, within(1e-12));
        assertThat(clusters.recall()).isEqualTo(1);
    }

    @Test
    void givenAnchorsAreMeasured() {
        List<Shape> boxes = List.of(new Shape(10, 10), new Shape(39, 10), new Shape(40, 10), new Shape(5, 20));
        AnchorClusters own = AnchorClusters.of(List.of(new Shape(10, 10)), boxes);
        // 5 x 20 and 10 x 10 share 5 x 10 of 150; 40 is four times 10, which is no longer less than four times
        assertThat(own.meanIou()).isCloseTo((1 + 10.0 / 39 + .25 + 50.0 / 150) / 4, within(1e-12));
        assertThat(own.recall()).isEqualTo(.75);
    }

    @Test
    void clustersAreFoundWhereverTheStartIsAndBySeed() {
        SplittableRandom random = new SplittableRandom(5);
        List<Shape> boxes = new ArrayList<>();
        double[][] centres = {{12, 12}, {30, 60}, {120, 60}, {200, 220}};
        for (int i = 0; i < 400; i++) {
            double[] centre = centres[i % 4];
            boxes.add(new Shape(
                    centre[0] * (0.9 + 0.2 * random.nextDouble()), centre[1] * (0.9 + 0.2 * random.nextDouble())));
        }
        for (long seed = 0; seed < 5; seed++) {
            AnchorClusters clusters = AnchorClusters.fitted(boxes, 4, seed);
            for (int c = 0; c < 4; c++) {
                assertThat(clusters.anchors().get(c).width()).isCloseTo(centres[c][0], within(.05 * centres[c][0]));
                assertThat(clusters.anchors().get(c).height()).isCloseTo(centres[c][1], within(.05 * centres[c][1]));
            }
            assertThat(AnchorClusters.fitted(boxes, 4, seed)).isEqualTo(clusters);
            assertThat(clusters.meanIou())
                    .isGreaterThan(AnchorClusters.fitted(boxes, 3, seed).meanIou());
        }
    }

    @Test
    void moreAnchorsThanBoxesAreRefused() {
        List<Shape> twice = List.of(new Shape(1, 2), new Shape(1, 2), new Shape(3, 2));
        assertThat(AnchorClusters.fitted(twice, 2, 0).meanIou()).isEqualTo(1);
        assertThatThrownBy(() -> AnchorClusters.fitted(twice, 3, 0))
                .hasMessage("expected 1 to 2 anchors for 2 different boxes, got 3");
        assertThatThrownBy(() -> new Shape(0, 1)).hasMessageContaining("above 0");
    }
}
