package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.ops.ProductSpeed;
import org.junit.jupiter.api.Test;

class SlowPrecisionTest {

    private static final ProductSpeed SLOW = new ProductSpeed(512, 1.416, 28.4);

    @Test
    void bf16ThatIsSlowerIsTold() {
        assertThat(SlowPrecision.note(SLOW, true))
                .hasValue("note: this recipe trains in bf16, which is the slower precision here: a product of 512x512"
                        + " matrices takes 1.42 ms in fp32, 28 ms in bf16; --set train.precision=fp32 trains in the"
                        + " faster one");
    }

    /** The precision is none of the keys that a run may go on with otherwise. */
    @Test
    void aRunThatGoesOnKeepsItsPrecision() {
        assertThat(SlowPrecision.note(SLOW, false))
                .hasValueSatisfying(note ->
                        assertThat(note).endsWith("; a new run with --set train.precision=fp32 takes the faster one"));
    }

    @Test
    void ofBf16ThatPaysNothingIsTold() {
        assertThat(SlowPrecision.note(new ProductSpeed(1024, 10, 4), true)).isEmpty();
        assertThat(SlowPrecision.note(new ProductSpeed(1024, 10, 12), true)).isEmpty();
    }
}
