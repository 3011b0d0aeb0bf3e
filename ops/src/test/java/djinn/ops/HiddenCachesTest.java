package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

class HiddenCachesTest {

    @Test
    void theVendorIsRead() {
        assertThat(HiddenCaches.isAmd("processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n"))
                .isTrue();
        assertThat(HiddenCaches.isAmd("processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: AuthenticAMD\n"))
                .isFalse();
        assertThat(HiddenCaches.isAmd("processor\t: 0\nCPU implementer\t: 0x41\n"))
                .isFalse();
    }

    @Test
    void cachesAreHiddenWhereAListedProcessorHasNone(@TempDir Path folder) throws IOException {
        Path first = folder.resolve("cpu0");
        assertThat(HiddenCaches.areHidden(first)).as("nothing is listed").isFalse();
        Files.createDirectories(first.resolve("topology"));
        assertThat(HiddenCaches.areHidden(first)).isTrue();
        Files.createDirectories(first.resolve("cache").resolve("index0"));
        assertThat(HiddenCaches.areHidden(first)).isFalse();
    }

    @Test
    void cachesOfOneByteAreForgotten() {
        int[] before = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 3, 7};
        try (Memory processor = processor(before)) {
            assertThat(HiddenCaches.forget(processor)).isTrue();
            int[] after = before.clone();
            after[20] = 0;
            assertThat(processor.getIntArray(28, after.length)).isEqualTo(after);
        }
    }

    @Test
    void whateverElseIsThereIsLeftAlone() {
        int[] told = {32768, 524288, 4194304, 0, 0, 0, 0, 0, 0, 0, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 3, 0};
        try (Memory processor = processor(told)) {
            assertThat(HiddenCaches.forget(processor)).isFalse();
            assertThat(processor.getIntArray(28, told.length)).isEqualTo(told);
        }
    }

    /** What the engine knows of the processor is where it is looked for. */
    @Test
    @EnabledOnOs(value = LINUX, architectures = "amd64")
    void theEngineGuessesOrWasTold() throws IOException {
        PyTorch.engine();
        Pointer processor = new EngineLibrary()
                .inner("_ZN4dnnl4impl3cpu3x643cpuEv")
                .orElseThrow()
                .invokePointer(new Object[0]);

        int levels = processor.getInt(28 + 80);
        if (HiddenCaches.here()) {
            assertThat(levels).isZero();
        } else {
            assertThat(levels).isBetween(0, 5);
            assertThat(IntStream.of(processor.getIntArray(28, levels))).allMatch(size -> size >= 4096);
        }
        assertThat(PyTorch.notes()).isEmpty();
    }

    private static Memory processor(int... caches) {
        Memory processor = new Memory(144);
        processor.clear();
        processor.write(28, caches, 0, caches.length);
        return processor;
    }
}
