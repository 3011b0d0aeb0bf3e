package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"})
    void namesAreTaken(String text) {
        assertThat(new DeviceName(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:x", "cuda:1000", "mps:0"})
    void othersAreRefused(String text) {
        assertThatThrownBy(() -> new DeviceName(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a device as auto, cpu, cuda, cuda:N or mps, got '" + text + "'");
    }

    @Test
    void theProcessorIsAlwaysThere() {
        assertThat(DeviceName.CPU.device()).isEqualTo(Device.cpu());
        assertThat(DeviceName.all()).first().isEqualTo(Device.cpu());
        assertThat(DeviceName.of(Device.cpu())).isEqualTo("cpu");
        assertThat(DeviceName.of(Device.gpu(2))).isEqualTo("cuda:2");
    }

    @Test
    void aDeviceThatIsNotThereIsToldOfWithThoseThatAre() {
        String there = DeviceName.words(DeviceName.all());
        assertThatThrownBy(() -> new DeviceName("cuda:999").device())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected one of " + there + ", got cuda:999: ");
    }

    @Test
    void severalAreANumberOrNames() {
        assertThat(DeviceName.CPU.devices("3")).containsExactly(Device.cpu(), Device.cpu(), Device.cpu());
        assertThat(DeviceName.AUTO.devices("cpu, cpu")).containsExactly(Device.cpu(), Device.cpu());
        assertThat(DeviceName.AUTO.devices("1")).containsExactly(PyTorch.device());
        for (String wrong : List.of("0", "-1", "1.5", "1000", "auto", "cpu,", "two")) {
            assertThatThrownBy(() -> DeviceName.CPU.devices(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aThreadIsToldWhereItsArraysLie() {
        Device before = PyTorch.device();
        // a name nobody computes on: managers take it, and no array is made
        try (PyTorch.Scope outer = PyTorch.on(Device.gpu(5))) {
            try (PyTorch.Scope inner = PyTorch.on(Device.cpu());
                    NDManager manager = PyTorch.newManager()) {
                assertThat(manager.getDevice()).isEqualTo(Device.cpu());
                assertThat(DeviceName.AUTO.device()).isEqualTo(Device.cpu());
            }
            assertThat(PyTorch.device()).isEqualTo(Device.gpu(5));
        }
        assertThat(PyTorch.device()).isEqualTo(before);
    }
}
