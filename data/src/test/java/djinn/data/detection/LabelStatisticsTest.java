package djinn.data.detection;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.data.ImageObject;
import djinn.data.ImageObjects;
import djinn.ops.Box;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LabelStatisticsTest {

    private static ImageObjects image(ImageObject... objects) {
        return new ImageObjects(10, 20, List.of(objects), 0);
    }

    @Test
    void objectsAreCountedAndMeasuredByClass() {
        LabelStatistics statistics = LabelStatistics.of(
                List.of("a", "b"),
                List.of(
                        image(new ImageObject(0, new Box(0, 0, 4, 2)), new ImageObject(0, new Box(10, 4, 8, 6))),
                        image(),
                        image(
                                new ImageObject(0, new Box(0, 0, 3, 1)),
                                new ImageObject(1, new Box(0, 0, 20, 10), Optional.empty(), true))));
        assertThat(statistics.images()).isEqualTo(3);
        assertThat(statistics.empty()).isEqualTo(1);
        assertThat(statistics.classes().get(0)).isEqualTo(new LabelStatistics.OfClass("a", 2, 3, 5, 3));
        assertThat(statistics.classes().get(1).objects()).isZero();
        assertThat(statistics.classes().get(1).width()).isNaN();
        // (10 + 8 / 2) / 20 and (4 + 6 / 2) / 10
        assertThat(statistics.places().get(1)).isEqualTo(new LabelStatistics.Place(0, .7, .7, 8, 6));
    }
}
