package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WaitPolicyTest {

    // user nice system idle iowait irq softirq steal guest guest_nice
    private static final String BEFORE = """
            cpu  1000 10 200 5000 30 4 6 0 0 0
            cpu0 400 10 100 2500 10 2 3 0 0 0
            cpu1 300 0 50 2400 10 1 2 0 0 0
            cpu12 300 0 50 100 10 1 1 0 0 0
            intr 12345 0 9
            """;

    private static final String AFTER = """
            cpu  1600 10 230 5000 99 4 6 0 0 0
            cpu0 450 20 110 2500 10 3 4 99 0 0
            cpu1 370 0 50 2430 40 1 2 0 0 0
            cpu12 900 0 50 100 10 1 1 0 0 0
            """;

    @Test
    void countsWhatOthersUseOfTheAllowedProcessors() {
        var before = WaitPolicy.Reading.of(BEFORE, self(100, 20), Set.of(0, 1), 5_000_000_000L);
        var after = WaitPolicy.Reading.of(AFTER, self(140, 30), Set.of(0, 1), 6_000_000_000L);

        // cpu0 gained 50 + 10 + 10 + 1 + 1, cpu1 70; waiting, idling and the hypervisor's time do not count
        assertThat(after.all() - before.all()).isEqualTo(142);
        assertThat(after.own() - before.own()).isEqualTo(50);
        assertThat(after.othersSince(before)).isCloseTo(0.92, within(1e-9));
    }

    @Test
    void namesOfProcessesMayHoldAnything() {
        assertThat(WaitPolicy.Reading.of("", self(7, 5), Set.of(0), 0).own()).isEqualTo(12);
    }

    private static String self(int user, int system) {
        return "42 (a ) b (c) S 1 42 42 0 -1 4194560 5 6 7 8 " + user + " " + system + " 0 0 20 0 9 0 77\n";
    }

    @Test
    void watchesEndInAnyOrderAndMayEndTwice() {
        WaitPolicy.Watch first = WaitPolicy.watch();
        WaitPolicy.Watch second = WaitPolicy.watch();
        first.close();
        first.close();
        try (NDManager manager = PyTorch.newManager()) {
            assertThat(manager.ones(new Shape(1 << 17)).sum().getFloat()).isEqualTo(1 << 17);
        }
        second.close();
        assertThatCode(() -> WaitPolicy.watch().close()).doesNotThrowAnyException();
    }
}
