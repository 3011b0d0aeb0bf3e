package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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
}
