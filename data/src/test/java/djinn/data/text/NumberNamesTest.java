package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NumberNamesTest {

    @Test
    void numbersAreNamedInEnglish() {
        assertThat(IntStream.of(0, 7, 13, 20, 21, 99, 100, 101, 417, 540, 999).mapToObj(NumberNames::name))
                .containsExactly(
                        "zero",
                        "seven",
                        "thirteen",
                        "twenty",
                        "twenty-one",
                        "ninety-nine",
                        "one hundred",
                        "one hundred one",
                        "four hundred seventeen",
                        "five hundred forty",
                        "nine hundred ninety-nine");
        assertThatThrownBy(() -> NumberNames.name(1000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextHasEveryNumberOnceInAnOrderOfChance() {
        List<String> lines = NumberNames.text().lines().toList();

        assertThat(lines)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1000)
                        .mapToObj(n -> n + " " + NumberNames.name(n))
                        .toList());
        assertThat(lines.subList(0, 3)).isNotEqualTo(List.of("0 zero", "1 one", "2 two"));
        assertThat(NumberNames.text()).isEqualTo(NumberNames.text());
    }
}
