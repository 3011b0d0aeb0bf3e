package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {

    @TempDir
    private Path root;

    private void image(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }

    private static List<String> names(Dataset dataset) {
        return IntStream.range(0, dataset.size()).mapToObj(dataset::name).toList();
    }

    @Test
    void theDigitsAreSplitAsTheirListSays() {
        Splits digits = Digits.splits();
        assertThat(digits.train().size()).isEqualTo(1437);
        assertThat(digits.validation().size()).isEqualTo(360);
        int[] perClass = new int[10];
        IntStream.range(0, 360).forEach(i -> perClass[digits.validation().label(i)]++);
        assertThat(perClass).containsOnly(36);
        assertThat(digits.validation().name(0)).isEqualTo("digits row 0");
        assertThat(digits.train().name(0)).isEqualTo("digits row 1");
        // the first row of the file begins 0,0,5,13,9,1
        Pixels zero = digits.validation().image(0, 1);
        assertThat(digits.validation().label(0)).isZero();
        assertThat(List.of(zero.value(0, 1, 0), zero.value(0, 2, 0), zero.value(0, 3, 0)))
                .containsExactly(0, 5 * 255 / 16, 13 * 255 / 16);
    }

    @Test
    void aFolderWithPartsIsReadAsItIs() throws IOException {
        for (String name : List.of("train/cat/2.png", "train/cat/1.jpg.png", "train/dog/1.png", "val/dog/9.PNG")) {
            image(name);
        }
        Files.writeString(root.resolve("train/cat/notes.txt"), "not an image");
        Splits splits = ImageFolder.read(root, .2, 0);
        assertThat(splits.classes()).containsExactly("cat", "dog");
        assertThat(names(splits.train())).containsExactly("train/cat/1.jpg.png", "train/cat/2.png", "train/dog/1.png");
        assertThat(names(splits.validation())).containsExactly("val/dog/9.PNG");
        assertThat(splits.validation().label(0)).isEqualTo(1);
    }

    @Test
    void aFolderWithoutPartsIsSplitEvenlyBySeed() throws IOException {
        for (int i = 0; i < 10; i++) {
            image("cat/" + i + ".png");
            image("dog/" + i + ".png");
        }
        Splits one = ImageFolder.read(root, .3, 1);
        assertThat(one.validation().size()).isEqualTo(6);
        assertThat(names(one.validation()))
                .filteredOn(name -> name.startsWith("cat"))
                .hasSize(3);
        Set<String> all = new HashSet<>(names(one.train()));
        all.addAll(names(one.validation()));
        assertThat(all).hasSize(20);
        assertThat(names(ImageFolder.read(root, .3, 1).train())).isEqualTo(names(one.train()));
        assertThat(ImageFolder.read(root, .3, 1).fingerprint()).isEqualTo(one.fingerprint());
        assertThat(ImageFolder.read(root, .3, 2).fingerprint()).isNotEqualTo(one.fingerprint());
    }

    @Test
    void aFolderThatIsNoneIsNamed() throws IOException {
        assertThatThrownBy(() -> ImageFolder.read(root.resolve("no"), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found nothing")
                .hasMessageContaining("data.root");
        assertThatThrownBy(() -> ImageFolder.read(root, .2, 0)).hasMessageContaining("found no folders");
        image("train/cat/1.png");
        image("val/cat/1.png");
        Files.createDirectories(root.resolve("train/dog"));
        assertThatThrownBy(() -> ImageFolder.read(root, .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("dog: expected images");
        Files.delete(root.resolve("train/dog"));
        image("val/cats/1.png");
        assertThatThrownBy(() -> ImageFolder.read(root, .2, 0))
                .hasMessageContaining("cats: this class is not among those")
                .hasMessageContaining("did you mean 'cat'?");
    }

    @Test
    void aCsvNamesFilesLabelsAndParts() throws IOException {
        image("a.png");
        image("b.png");
        image("c d.png");
        Path csv = Files.writeString(
                root.resolve("labels.csv"),
                "label,file,split\ncat,a.png,train\ndog,b.png,val\n\"cat\",\"c d.png\",train\n");
        Splits splits = CsvLabels.read(csv, root, .2, 0);
        assertThat(splits.classes()).containsExactly("cat", "dog");
        assertThat(names(splits.train())).containsExactly("a.png", "c d.png");
        assertThat(names(splits.validation())).containsExactly("b.png");

        Files.writeString(csv, "file,label\na.png,2\nb.png,2\nc d.png,0\n");
        Splits numbered = CsvLabels.read(csv, root, .5, 0);
        assertThat(numbered.classes()).containsExactly("0", "1", "2");
        assertThat(numbered.validation().size()).isEqualTo(1);
    }

    @Test
    void aCsvThatIsNoneIsNamedWithItsLine() throws IOException {
        image("a.png");
        Path csv = root.resolve("labels.csv");
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0)).hasMessageContaining("found nothing there");
        Files.writeString(csv, "file,label\na.png,cat\nb.png,cat\n");
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("labels.csv:3")
                .hasMessageContaining("b.png");
        Files.writeString(csv, "name,label\na.png,cat\n");
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0))
                .hasMessageContaining("'file'")
                .hasMessageContaining("[name, label]");
        Files.writeString(csv, "file,label,split\na.png,cat,trial\n");
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0))
                .hasMessageContaining("expected split train, val or test, got 'trial'");
        Files.writeString(csv, "file,label\n");
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0)).hasMessageContaining("found none");
    }

    @Test
    void labelsBeyondTheClassesAreCounted() {
        Splits digits = Digits.splits();
        assertThatThrownBy(() -> new Splits("digits", List.of("0", "1"), digits.train(), digits.validation()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected labels from 0 to 1 for 2 classes")
                .hasMessageContaining("set model.num_classes to at least 10");
    }
}
