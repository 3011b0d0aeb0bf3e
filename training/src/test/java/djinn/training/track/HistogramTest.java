package djinn.training.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** How values are spread. */
class HistogramTest {

    @Test
    void everyValueIsInTheBucketOfItsPlace() {
        float[] values = new float[64];
        for (int i = 0; i < values.length; i++) {
            // in the middle of its bucket, but the ends
            values[i] = i == 0 ? 0 : i == 63 ? 64 : i + 0.5f;
        }
        Histogram histogram = Histogram.of(values);
        assertThat(histogram.counts()).isEqualTo(Collections.nCopies(64, 1.0));
        assertThat(histogram.limits()).hasSize(64).startsWith(1.0, 2.0, 3.0).endsWith(63.0, 64.0);
        assertThat(histogram.count()).isEqualTo(64);
    }

    @Test
    void itsSumsAreThoseOfTheValues() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[1000];
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-3, 5);
            sum += values[i];
            squares += (double) values[i] * values[i];
        }
        Histogram histogram = Histogram.of(values);
        assertThat(histogram.count()).isEqualTo(1000);
        assertThat(histogram.sum()).isEqualTo(sum, Offset.offset(1e-9));
        assertThat(histogram.sumOfSquares()).isEqualTo(squares, Offset.offset(1e-9));
        assertThat(histogram.limits().get(63)).isEqualTo(histogram.max());
    }

    @Test
    void equalValuesAreOneBucketAndWhatIsNoNumberIsInNone() {
        assertThat(Histogram.of(new float[] {2, 2, Float.NaN, 2, Float.POSITIVE_INFINITY}))
                .isEqualTo(new Histogram(2, 2, 6, 12, List.of(2.0), List.of(3.0)));
        assertThat(Histogram.of(new float[0]).count()).isZero();
    }
}
