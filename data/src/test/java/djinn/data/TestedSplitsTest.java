package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TestedSplitsTest {

    private static Set<String> names(Dataset part) {
        return IntStream.range(0, part.size()).mapToObj(part::name).collect(Collectors.toSet());
    }

    @Test
    void whatWasHeldOutTestsAndSomeOfTheRestIsHeldOut() {
        Splits digits = Digits.splits();
        TestedSplits three = TestedSplits.of(digits, .25, 3);
        assertThat(names(three.test())).isEqualTo(names(digits.validation())).hasSize(360);
        assertThat(three.chosen().validation().size()).isBetween(355, 364); // a quarter of 1,437, class by class
        assertThat(Stream.of(three.chosen().train(), three.chosen().validation())
                        .flatMap(part -> names(part).stream()))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(names(digits.train()));
        assertThat(three.chosen().summary())
                .contains("360 images held out are kept to test on", "25% of each class is held out of the others");
        assertThat(three.chosen().fingerprint()).isNotEqualTo(digits.fingerprint());
        assertThat(TestedSplits.of(digits, .25, 3).chosen().fingerprint())
                .isEqualTo(three.chosen().fingerprint());
    }

    @Test
    void aShareIsNeeded() {
        assertThatThrownBy(() -> TestedSplits.of(Digits.splits(), 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("val_fraction between 0 and 1, got 0.0");
    }
}
