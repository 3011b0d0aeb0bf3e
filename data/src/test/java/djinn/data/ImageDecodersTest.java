package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDecodersTest {

    @TempDir
    private Path folder;

    @Test
    void aLibraryNamesThoseThatItNeeds() throws IOException {
        Path linked = Files.writeString(folder.resolve("linked.so"), "\177ELF\0libjava.so\0libjpeg.so.62\0\n");
        Path whole = Files.writeString(folder.resolve("whole.so"), "\177ELF\0libjava.so\0jpeg_start\0\n");

        assertThat(ImageDecoders.linksToSystem(linked)).contains(true);
        assertThat(ImageDecoders.linksToSystem(whole)).contains(false);
        assertThat(ImageDecoders.linksToSystem(folder.resolve("none.so"))).isEmpty();
    }
}
