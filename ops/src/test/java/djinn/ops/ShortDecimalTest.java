package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortDecimalTest {

    @Test
    void aFloatThatBecameADoubleIsToldAsTheFloat() {
        assertThat(ShortDecimal.text((double) 0.9f)).isEqualTo("0.9");
        assertThat(ShortDecimal.text((double) -2.3e-7f)).isEqualTo("-2.3E-7");
        assertThat(ShortDecimal.text((double) (1 / 3f))).isEqualTo("0.33333334");
    }

    @Test
    void whatIsNoFloatOrIsShortStays() {
        // 7.32421875e-4 = 3/4096 is a float whose shortest decimal, 7.324219e-4, is another number
        for (Number value : List.of(
                0.9,
                1 / 3.0,
                0.5,
                3 / 4096.0,
                2147483648.0,
                16777217.5,
                0.0,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.MIN_VALUE,
                0.9f,
                7,
                7L)) {
            assertThat(ShortDecimal.of(value)).isSameAs(value);
            assertThat(ShortDecimal.text(value)).isEqualTo(value.toString());
        }
        assertThat(ShortDecimal.text("word")).isEqualTo("word");
        assertThat(ShortDecimal.text(null)).isEqualTo("null");
    }

    @Test
    void whatIsReadIsTheSameFloat() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(value)) {
                assertThat(Float.parseFloat(ShortDecimal.text((double) value))).isEqualTo(value);
                assertThat((float) Double.parseDouble(ShortDecimal.text((double) value)))
                        .isEqualTo(value);
            }
        }
    }
}
