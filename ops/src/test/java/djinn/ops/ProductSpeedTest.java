package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class ProductSpeedTest {

    @Test
    void twiceTheTimeIsClearlySlower() {
        assertThat(new ProductSpeed(512, 1.4, 28).isBf16Slower()).isTrue();
        assertThat(new ProductSpeed(512, 1.5, 3).isBf16Slower()).isTrue();
        assertThat(new ProductSpeed(512, 1.5, 2.9).isBf16Slower()).isFalse();
        assertThat(new ProductSpeed(512, 1.4, .7).isBf16Slower()).isFalse();
    }

    @Test
    void theTimesAreTold() {
        assertThat(new ProductSpeed(512, 1.416, 28.4).words())
                .isEqualTo("a product of 512x512 matrices takes 1.42 ms in fp32, 28 ms in bf16");
    }

    @Test
    void aDeviceIsMeasuredOnce() {
        ProductSpeed first = ProductSpeed.on(Device.cpu());

        assertThat(first.size()).isBetween(256, 8192);
        assertThat(first.fp32()).isPositive();
        assertThat(first.bf16()).isPositive();
        assertThat(ProductSpeed.on(Device.cpu())).isSameAs(first);
    }
}
