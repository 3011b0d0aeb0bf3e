package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WidthTest {

    /** Two 3x3 convolutions and their batch norms. */
    private static long twice(long in, long out) {
        return 9 * in * out + 9 * out * out + 4 * out;
    }

    @Test
    void aNarrowUnetHasThePapersLayersInItsOwnWidth() {
        long c = 16;
        long down = twice(3, c) + twice(c, 2 * c) + twice(2 * c, 4 * c) + twice(4 * c, 8 * c) + twice(8 * c, 16 * c);
        long up = 0;
        for (long out = 8 * c; out >= c; out /= 2) {
            // a transposed 2x2 convolution with bias, then two convolutions of twice the channels
            up += 4 * 2 * out * out + out + twice(2 * out, out);
        }
        ModelOptions narrow = new ModelOptions(2, 3, OptionalInt.of(16));
        assertThat(Models.named("unet").build(narrow).parameterCount()).isEqualTo(down + up + 2 * c + 2);
        ModelOptions plain = new ModelOptions(2, 3);
        ModelOptions paper = new ModelOptions(2, 3, OptionalInt.of(64));
        assertThat(Models.named("unet_bilinear").build(paper).parameterCount())
                .isEqualTo(Models.named("unet_bilinear").build(plain).parameterCount());
    }

    @Test
    void othersRefuseAWidth() {
        ModelOptions wide = new ModelOptions(2, 3, OptionalInt.of(16));
        assertThatThrownBy(() -> Models.named("resnet18").build(wide))
                .hasMessage("expected no width for resnet18, whose width is the paper's, got 16");
    }
}
