package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tar files written by Python's tarfile, as webdataset's writer does: image i is 6 wide and 5 high, red 10 i, green the
 * column, blue the row, and its class is i mod 3.
 */
class WebDatasetTest {

    private static final Path FILES = Path.of("src/test/resources/djinn/data/webdataset");

    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        for (String name : List.of("train-000000.tar", "train-000001.tar", "val-000000.tar")) {
            Files.copy(FILES.resolve(name), folder.resolve(name));
        }
    }

    private static int red(Dataset images, int index) {
        return images.image(index, 3).values()[0] & 0xFF;
    }

    private static List<Integer> numbers(Dataset images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> red(images, i) / 10)
                .toList();
    }

    @Test
    void imagesLieWhereTheHeadersSay() {
        Splits splits = WebDataset.read(folder.toString(), .2, 0);
        assertThat(numbers(splits.train())).containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(numbers(splits.validation())).containsExactly(7, 8, 9);
        // labels of .cls, of .json, and of .cls behind a name of 140 letters
        assertThat(splits.train().labels()).containsExactly(0, 1, 2, 0, 1, 2, 0);
        assertThat(splits.validation().labels()).containsExactly(1, 2, 0);
        assertThat(splits.classes()).containsExactly("0", "1", "2");
        Pixels image = splits.train().image(5, 3);
        assertThat(image.height()).isEqualTo(5);
        assertThat(image.width()).isEqualTo(6);
        // the last pixel
        assertThat(Arrays.copyOfRange(image.values(), 87, 90)).containsExactly(50, 5, 4);
        assertThat(splits.train().name(0)).isEqualTo("train-000000.tar/000000.png");
    }

    @Test
    void whatLacksItsPartnerIsToldAndLeftOut() {
        assertThat(WebDataset.read(folder.toString(), .2, 0).notes())
                .containsExactly(
                        "left out: 1 example without an image (train-000001.tar/000099), 1 image without a label"
                                + " (train-000001.tar/000098.png)");
    }

    @Test
    void namesOfClassesStandBesideTheFiles() throws IOException {
        Files.writeString(folder.resolve("classes.txt"), "apple\npear\nplum\n");
        Splits splits = WebDataset.read(folder.toString(), .2, 0);
        assertThat(splits.classes()).containsExactly("apple", "pear", "plum");
        assertThat(splits.train().labels()).containsExactly(0, 1, 2, 0, 1, 2, 0);
        Files.writeString(folder.resolve("classes.txt"), "apple\npear\n");
        assertThatThrownBy(() -> WebDataset.read(folder.toString(), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("000002.png: expected a label among the classes that the data names, got '2'");
    }

    @Test
    void bracesNameFilesAndOneFileIsSplit() {
        Splits range = WebDataset.read(folder + "/train-{000000..000001}.tar", .3, 0);
        assertThat(range.train().size() + range.validation().size()).isEqualTo(7);
        assertThat(range.notes()).contains("30% of each class is held out of the images, as no file is held out");
        Splits both = WebDataset.read(folder + "/{train,val}-{000000..000000}.tar", .3, 0);
        assertThat(numbers(both.train())).containsExactly(0, 1, 2, 3);
        assertThat(numbers(both.validation())).containsExactly(7, 8, 9);
        Splits one = WebDataset.read(folder + "/train-000000.tar", .5, 0);
        assertThat(one.train().size()).isEqualTo(3);
        assertThatThrownBy(() -> WebDataset.read(folder + "/train-{000000..000002}.tar", .3, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train-000002.tar: expected a file, as ");
    }

    @Test
    void foldersTellPartsToo() throws IOException {
        Path root = Files.createDirectories(folder.resolve("set"));
        Files.createDirectories(root.resolve("train"));
        Files.createDirectories(root.resolve("validation"));
        Files.copy(FILES.resolve("train-000000.tar"), root.resolve("train/00.tar"));
        Files.copy(FILES.resolve("val-000000.tar"), root.resolve("validation/00.tar"));
        Splits splits = WebDataset.read(root.toString(), .2, 0);
        assertThat(numbers(splits.train())).containsExactly(0, 1, 2, 3);
        assertThat(numbers(splits.validation())).containsExactly(7, 8, 9);
    }

    @Test
    void anImageThatCannotBeReadIsNamedWhenItIsAskedFor() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("train-000000.tar"));
        // the signature of the first image, behind its header
        bytes[512] = 'X';
        Files.write(folder.resolve("train-000000.tar"), bytes);
        Splits splits = WebDataset.read(folder.toString(), .2, 0);
        assertThatThrownBy(() -> splits.train().image(0, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train-000000.tar/000000.png: is not an image");
        assertThat(red(splits.train(), 1)).isEqualTo(10);
    }

    @Test
    void aTarFileThatIsCutOrPackedIsOneLine() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("train-000000.tar"));
        Files.write(folder.resolve("train-000000.tar"), Arrays.copyOf(bytes, 700));
        assertThatThrownBy(() -> WebDataset.read(folder.toString(), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train-000000.tar: expected a tar file that is not packed and whole");
        Files.write(folder.resolve("train-000000.tar"), new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0});
        assertThatThrownBy(() -> WebDataset.read(folder.toString(), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train-000000.tar: expected a tar file that is not packed");
    }
}
