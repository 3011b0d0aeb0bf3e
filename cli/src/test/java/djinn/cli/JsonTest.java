package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void numbersAreAsShortAsTheyCanBe() {
        assertThat(Json.line(List.of((double) 0.9f, 0.9f, 0.9, 1 / 3.0, (double) (1 / 3f), 3, 1e-7, 2147483648.0)))
                .isEqualTo("[0.9,0.9,0.9,0.3333333333333333,0.33333334,3,1.0E-7,2.147483648E9]");
    }

    @Test
    void whatIsNoNumberIsNull() {
        assertThat(Json.line(List.of(Double.NaN, Float.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)))
                .isEqualTo("[null,null,null,null]");
        assertThat(Json.line(Map.of("figure", Double.NaN))).isEqualTo("{\"figure\":null}");
    }
}
