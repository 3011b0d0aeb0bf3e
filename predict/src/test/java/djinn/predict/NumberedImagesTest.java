package djinn.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberedImagesTest {

    @TempDir
    private Path folder;

    @Test
    void eachIsWrittenAsItComes() {
        NumberedImages images = new NumberedImages(folder.resolve("new/one"), 12_345);
        Pixels first = new Pixels(1, 2, 1, new byte[] {3, 4});
        images.accept(first);
        assertThat(ImageFiles.read(folder.resolve("new/one/00001.png"), 1)).isEqualTo(first);
        images.accept(new Pixels(1, 2, 1, new byte[] {5, 6}));
        assertThat(folder.resolve("new/one").toFile().list()).containsExactlyInAnyOrder("00001.png", "00002.png");
        assertThat(NumberedImages.name(11, 64)).isEqualTo("0012.png");
    }

    @Test
    void whatIsInAFolderStaysAsItIs() throws Exception {
        Files.writeString(folder.resolve("0001.png"), "mine");
        assertThatThrownBy(() -> new NumberedImages(folder, 3))
                .isInstanceOf(DataException.class)
                .hasMessage(folder + ": expected a new or an empty folder to write images into, found files in it; name"
                        + " another");
        Path file = folder.resolve("0001.png");
        assertThatThrownBy(() -> new NumberedImages(file, 3)).isInstanceOf(DataException.class);
        assertThat(file).hasContent("mine");
    }

    @Test
    void aDiskThatIsTooSmallIsNotFilled() {
        // a block of 4096 bytes is the least that a file takes, and the first one is there already
        assertThat(NumberedImages.refusal(1001, 300, 4_096_000)).isEmpty();
        assertThat(NumberedImages.refusal(1002, 300, 4_096_000)).isPresent();
        assertThat(NumberedImages.refusal(1_000_000_000, 5000, 30_000_000_000L))
                .contains(
                        "expected room on the disk for 1000000000 images, about 8192.0 GB as the first one's file is long,"
                                + " found 30.0 GB; take fewer, or a folder on another disk");
    }
}
