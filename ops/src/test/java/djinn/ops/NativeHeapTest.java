package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeHeapTest {

    @Test
    void whatTheEnvironmentSetsIsLeftToIt() {
        assertThat(NativeHeap.isSetBy(Map.of("PATH", "/bin", "MALLOC_ARENA_MAX", "1")))
                .as("one heap is what the command asks for itself")
                .isFalse();
        assertThat(NativeHeap.isSetBy(Map.of("MALLOC_TRIM_THRESHOLD_", "0"))).isTrue();
        assertThat(NativeHeap.isSetBy(Map.of("GLIBC_TUNABLES", "glibc.malloc.arena_max=1")))
                .isTrue();
    }
}
