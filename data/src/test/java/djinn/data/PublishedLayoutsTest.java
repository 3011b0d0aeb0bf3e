package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sets as their authors lay them out; the MATLAB files are scipy.io.savemat's. */
class PublishedLayoutsTest {

    private static final Path MATLAB = Path.of("src/test/resources/djinn/data/matlab");

    @TempDir
    private Path root;

    private void image(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB), "jpg", file.toFile());
    }

    private void text(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }

    private void flowers(String folder) throws IOException {
        for (int i = 1; i <= 6; i++) {
            image("jpg/image_0000" + i + ".jpg");
        }
        for (String name : new String[] {"imagelabels.mat", "setid.mat"}) {
            Files.copy(MATLAB.resolve(folder).resolve(name), root.resolve(name));
        }
    }

    @Test
    void flowersAreReadByTheirLists() throws IOException {
        flowers("");
        Splits splits = OxfordFlowers.read(root);
        // labels 3 1 2 1 3 2; trnid 1 2 3, valid 6 4, tstid 5
        assertThat(splits.train().labels()).containsExactly(2, 0, 1);
        assertThat(splits.validation().labels()).containsExactly(1, 0);
        assertThat(splits.validation().name(0)).isEqualTo("jpg/image_00006.jpg");
        assertThat(splits.classes()).containsExactly("1", "2", "3");
        assertThat(splits.notes())
                .containsExactly("left out: 1 images of the list tstid of setid.mat, the set's own test");
        text("classes.txt", "rose\ntulip\nlily\n");
        assertThat(OxfordFlowers.read(root).classes()).containsExactly("rose", "tulip", "lily");
    }

    @Test
    void listsThatAreNotPackedAreTheSame() throws IOException {
        flowers("plain");
        assertThat(OxfordFlowers.read(root).train().labels()).containsExactly(2, 0, 1);
    }

    @Test
    void flowersThatLackAFileAreOneLine() throws IOException {
        assertThatThrownBy(() -> OxfordFlowers.read(root))
                .hasMessageContaining("imagelabels.mat: expected a MATLAB file");
        flowers("");
        Files.delete(root.resolve("jpg/image_00002.jpg"));
        assertThatThrownBy(() -> OxfordFlowers.read(root))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("image_00002.jpg: expected an image, as setid.mat lists it");
    }

    @Test
    void vectorsOfAllTypesAreReadAndOtherArraysPassedOver() {
        var vectors = MatlabFile.read(MATLAB.resolve("kinds.mat")).vectors();
        assertThat(vectors.get("i16")).containsExactly(-1, 300, 2);
        assertThat(vectors.get("i32")).containsExactly(70000, -5);
        assertThat(vectors.get("f64")).containsExactly(1, 2, 3, 400000);
        assertThat(vectors.get("a_name_longer_than_four")).containsExactly(7);
        assertThat(vectors).doesNotContainKeys("text", "matrix", "half");
    }

    @Test
    void damagedMatlabFilesAreOneLine() throws IOException {
        byte[] bytes = Files.readAllBytes(MATLAB.resolve("plain/setid.mat"));
        for (int length = 0; length < bytes.length; length++) {
            Path cut = root.resolve("cut.mat");
            Files.write(cut, Arrays.copyOf(bytes, length));
            if (length < 128) {
                assertThatThrownBy(() -> MatlabFile.read(cut))
                        .as("%d bytes", length)
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("expected a MATLAB file of level 5");
            } else if (length > 136 && length < 136 + 40) {
                assertThatThrownBy(() -> MatlabFile.read(cut))
                        .as("%d bytes", length)
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("is damaged or cut off");
            }
        }
    }

    @Test
    void petsAreReadByTheirLists() throws IOException {
        for (String name : new String[] {"Bengal_1", "Bengal_2", "great_pyrenees_7", "great_pyrenees_8"}) {
            image("images/" + name + ".jpg");
        }
        text("annotations/trainval.txt", "Bengal_2 1 1 1\ngreat_pyrenees_7 2 2 1\n");
        text("annotations/test.txt", "# a comment\ngreat_pyrenees_8 2 2 1\nBengal_1 1 1 1\n");
        Splits splits = OxfordPets.read(root);
        assertThat(splits.classes()).containsExactly("Bengal", "great_pyrenees");
        assertThat(splits.train().labels()).containsExactly(0, 1);
        assertThat(splits.validation().labels()).containsExactly(1, 0);
        assertThat(splits.validation().name(0)).isEqualTo("images/great_pyrenees_8.jpg");
        assertThat(splits.train().image(0, 3).width()).isEqualTo(4);
    }

    @Test
    void petsThatDoNotFitTheirListsAreOneLine() throws IOException {
        assertThatThrownBy(() -> OxfordPets.read(root))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("trainval.txt: expected the list of the Oxford-IIIT Pets");
        text("annotations/trainval.txt", "Bengal 1\n");
        text("annotations/test.txt", "Bengal_1 1 1 1\n");
        assertThatThrownBy(() -> OxfordPets.read(root))
                .hasMessageContaining("expected lines such as 'Abyssinian_100 1 1 1', found 'Bengal 1'");
        text("annotations/trainval.txt", "Bengal_1 1 1 1\n");
        assertThatThrownBy(() -> OxfordPets.read(root)).hasMessageContaining("Bengal_1.jpg: expected an image");
        image("images/Bengal_1.jpg");
        text("annotations/test.txt", "Bengal_1 3 1 1\n");
        assertThatThrownBy(() -> OxfordPets.read(root))
                .hasMessageContaining("numbered from 1 on without gaps, found [1, 3]");
    }
}
