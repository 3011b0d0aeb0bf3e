package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.training.BatchSizes.Peak;
import djinn.training.BatchSizes.Result;
import djinn.training.BatchSizes.Steps;
import djinn.training.BatchSizes.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BatchSizesTest {

    private final List<Integer> taken = new ArrayList<>();

    /** 100 bytes, and 10 more for each example. */
    private Steps growing(int examples) {
        return size -> {
            taken.add(size);
            return Optional.of(new Peak(OptionalLong.of(100 + 10L * size), size >= examples));
        };
    }

    @Test
    void theLargestPowerOfTwoWithinTheBoundIsFound() {
        // 32 examples take 420 bytes, 64 take 740
        Result found = BatchSizes.search(600, 1024, growing(10_000));
        assertThat(found.largest()).isEqualTo(OptionalInt.of(32));
        // 420 + 2 * (420 - 260) is 740, under 1.25 times 600: the line is not sure, and it is tried
        assertThat(taken).containsExactly(1, 2, 4, 8, 16, 32, 64);
        assertThat(found.trials()).last().isEqualTo(new Trial(64, OptionalLong.of(740), true));
        assertThat(BatchSizes.search(420, 1024, growing(10_000)).largest()).isEqualTo(OptionalInt.of(32));
        assertThat(BatchSizes.search(419, 1024, growing(10_000)).largest()).isEqualTo(OptionalInt.of(16));
    }

    @Test
    void whatIsFarBeyondIsNotTried() {
        Result found = BatchSizes.search(500, 1024, growing(10_000));
        assertThat(taken).containsExactly(1, 2, 4, 8, 16, 32);
        assertThat(found.trials()).last().isEqualTo(new Trial(64, OptionalLong.of(740), false));
        assertThat(found.largest()).isEqualTo(OptionalInt.of(32));
    }

    @Test
    void itEndsWithTheDataOrTheMost() {
        assertThat(BatchSizes.search(1 << 20, 1024, growing(20)).largest()).isEqualTo(OptionalInt.of(32));
        assertThat(BatchSizes.search(1 << 20, 100, growing(10_000)).largest()).isEqualTo(OptionalInt.of(64));
    }

    @Test
    void nothingFitsIntoTooLittle() {
        Result found = BatchSizes.search(50, 1024, growing(10_000));
        assertThat(found.largest()).isEmpty();
        assertThat(found.trials()).containsExactly(new Trial(1, OptionalLong.of(110), true));
    }

    @Test
    void sizesThatAreTooSmallToLearnFromAreLeftOut() {
        Result found = BatchSizes.search(
                1000,
                8,
                size -> size < 4
                        ? Optional.empty()
                        : Optional.of(new Peak(size == 8 ? OptionalLong.empty() : OptionalLong.of(size), false)));
        assertThat(found.trials())
                .containsExactly(new Trial(4, OptionalLong.of(4), true), new Trial(8, OptionalLong.empty(), true));
        assertThat(found.largest()).isEqualTo(OptionalInt.of(4));
    }
}
