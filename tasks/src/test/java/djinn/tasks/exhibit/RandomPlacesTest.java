package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomPlacesTest {

    @Test
    void asManyAsAskedForAreDrawnAndAlwaysTheSame() {
        assertThat(RandomPlaces.of(1000, 20))
                .hasSize(20)
                .allMatch(place -> place >= 0 && place < 1000)
                .isEqualTo(RandomPlaces.of(1000, 20));
        assertThat(RandomPlaces.of(4, 9)).containsExactly(0, 1, 2, 3);
        assertThat(RandomPlaces.of(0, 9)).isEmpty();
        assertThat(RandomPlaces.of(7, 0)).isEmpty();
    }

    @Test
    void allPartsAreDrawnFrom() {
        // of 200 out of 1000, a tenth without any has a chance below 1e-9
        assertThat(IntStream.range(0, 10)
                        .mapToLong(tenth -> RandomPlaces.of(1000, 200).stream()
                                .filter(place -> place / 100 == tenth)
                                .count())
                        .min()
                        .orElseThrow())
                .isPositive();
    }
}
