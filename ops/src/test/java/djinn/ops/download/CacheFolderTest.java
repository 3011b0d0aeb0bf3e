package djinn.ops.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFolderTest {

    @Test
    void theCacheIsWhereTheSystemKeepsCaches() {
        Path home = Path.of("/home/ada");
        assertThat(CacheFolder.of(Map.of(), "Linux", home)).isEqualTo(Path.of("/home/ada/.cache/djinn"));
        assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/var/caches"), "Linux", home))
                .isEqualTo(Path.of("/var/caches/djinn"));
        assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "relative"), "Linux", home))
                .isEqualTo(Path.of("/home/ada/.cache/djinn"));
        assertThat(CacheFolder.of(Map.of(), "Mac OS X", home)).isEqualTo(Path.of("/home/ada/Library/Caches/djinn"));
        assertThat(CacheFolder.of(Map.of("LOCALAPPDATA", "/local"), "Windows 11", home))
                .isEqualTo(Path.of("/local/djinn/cache"));
        assertThat(CacheFolder.of(Map.of("DJINN_CACHE", "/mnt/weights", "XDG_CACHE_HOME", "/x"), "Linux", home))
                .isEqualTo(Path.of("/mnt/weights"));
    }
}
