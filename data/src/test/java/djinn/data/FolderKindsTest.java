package djinn.data;

import static djinn.data.ImageFormatsTest.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as people have them. */
class FolderKindsTest {

    @TempDir
    private Path root;

    private void images(String... names) throws IOException {
        for (String name : names) {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        }
    }

    private void others(String... names) throws IOException {
        for (String name : names) {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "no image");
        }
    }

    private static int size(Splits splits) {
        return splits.train().size() + splits.validation().size();
    }

    private static List<String> names(Dataset dataset) {
        return IntStream.range(0, dataset.size()).mapToObj(dataset::name).toList();
    }

    @Test
    void imagesInFoldersWithinClassFoldersAreOfTheClass() {
        Path nested = resource("cases/D1_nested");
        assertThat(size(ImageFolder.read(nested, .2, 0))).isEqualTo(21);
        Splits validation = ImageFolder.validation(nested, List.of("a", "b"));
        assertThat(validation.validation().size()).isEqualTo(21);
        assertThat(ImageTree.below(nested).images()).hasSize(21);
        assertThat(validation.summary())
                .containsExactly(
                        "21 validation images in 2 classes (a, b) from " + nested,
                        "11 of the images lie in folders within the class folders (such as a/sub/deep/d.png)");
    }

    /** Photos that cameras stored on their side: upright, one class is bright at the top, the other on the left. */
    @Test
    void photosOfADataSetLieAsTheyWereSeen() {
        Splits splits = ImageFolder.read(resource("cases/I1_exif/photos"), .2, 0);
        assertThat(splits.classes()).containsExactly("bright_left", "bright_top");
        for (Dataset part : List.of(splits.train(), splits.validation())) {
            for (int i = 0; i < part.size(); i++) {
                Pixels image = part.image(i, 1);
                int middle = image.height() / 2;
                int center = image.width() / 2;
                boolean top = image.value(2, center, 0) > image.value(image.height() - 3, center, 0) + 80;
                boolean left = image.value(middle, 2, 0) > image.value(middle, image.width() - 3, 0) + 80;
                assertThat(top).as(part.name(i)).isEqualTo(part.label(i) == 1);
                assertThat(left).as(part.name(i)).isEqualTo(part.label(i) == 0);
            }
        }
    }

    @Test
    void everyFormatIsReadWhateverItsEnding() {
        Path formats = resource("cases/D2_other_formats");
        Splits splits = ImageFolder.validation(formats, List.of("a", "b"));
        assertThat(splits.validation().size()).isEqualTo(5 + 14);
        for (int i = 0; i < splits.validation().size(); i++) {
            assertThat(splits.validation().image(i, 3).channels()).isEqualTo(3);
        }
    }

    @Test
    void hiddenFilesAreNoImagesAndHiddenFoldersNoClasses() throws IOException {
        Path hidden = resource("cases/D4_hidden");
        Splits splits = ImageFolder.read(hidden, .2, 0);
        assertThat(size(splits)).isEqualTo(10);
        assertThat(splits.summary()).contains("left out: 1 hidden file (a/.hidden.png)");
        images("a/1.png", "a/2.png", "b/1.png", "b/2.png", ".cache/x/1.png", "__MACOSX/a/1.png", "a/.thumbs/1.png");
        others("a/Thumbs.db", "b/.DS_Store", "a/__MACOSX/._1.png", "a/._1.png");
        Splits litter = ImageFolder.read(root, .5, 0);
        assertThat(litter.classes()).containsExactly("a", "b");
        assertThat(size(litter)).isEqualTo(4);
        assertThat(litter.summary())
                .contains("left out: 4 hidden folders (such as .cache), 2 hidden files (such as a/._1.png), 1 .db"
                        + " file (a/Thumbs.db)");
    }

    @Test
    void whatIsNotReadIsCountedAndNamed() throws IOException {
        images("train/cat/1.png", "train/dog/1.png", "train/stray.png", "val/cat/1.png");
        others("train/cat/notes.TXT", "train/dog/more.txt", "train/cat/photo.heic", "val/cat/README", "val/list.csv");
        Splits splits = ImageFolder.read(root, .2, 0);
        assertThat(splits.summary())
                .containsExactly(
                        "2 training and 1 validation image in 2 classes (cat, dog) from " + root,
                        "training images from train, validation images from val",
                        "left out: 2 .txt files (such as train/cat/notes.TXT), 1 stray image (train/stray.png), 1 .heic"
                                + " file (train/cat/photo.heic), 1 .csv file (val/list.csv), 1 extensionless file"
                                + " (val/cat/README)",
                        "1 training image in each class");
        Files.delete(root.resolve("train/cat/1.png"));
        assertThatThrownBy(() -> ImageFolder.read(root, .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(root.resolve("train/cat") + ": expected images (png, jpg, ")
                .hasMessageContaining(
                        "found only 1 .txt file (train/cat/notes.TXT), 1 .heic file (train/cat/photo.heic)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"val", "valid", "validation", "Val", "VALID", "test", "Testing"})
    void imagesHeldOutLieInFoldersOfManyNames(String name) throws IOException {
        images("train/a/1.png", "train/b/1.png", name + "/a/2.png", name + "/b/2.png", name + "/b/3.png");
        Splits splits = ImageFolder.read(root, .2, 0);
        assertThat(splits.classes()).containsExactly("a", "b");
        assertThat(names(splits.validation())).containsExactly(name + "/a/2.png", name + "/b/2.png", name + "/b/3.png");
        assertThat(ImageFolder.validation(root, List.of("a", "b")).validation().size())
                .isEqualTo(3);
        assertThat(ImageFolder.classes(root)).containsExactly("a", "b");
        assertThat(splits.summary()).contains("training images from train, validation images from " + name);
    }

    @Test
    void theCaseOfAFolderNamedValid() {
        Splits splits = ImageFolder.read(resource("cases/D3_valid"), .2, 0);
        assertThat(splits.train().size()).isEqualTo(10);
        assertThat(splits.validation().size()).isEqualTo(10);
    }

    @Test
    void ofSeveralFoldersHeldOutTheFirstIsTakenAndTheOthersAreNamed() throws IOException {
        images("Train/a/1.png", "test/a/2.png", "test/a/3.png", "valid/a/4.png", "extra/a/5.png");
        Splits splits = ImageFolder.read(root, .2, 0);
        assertThat(names(splits.validation())).containsExactly("valid/a/4.png");
        assertThat(splits.summary())
                .contains(
                        "training images from Train, validation images from valid; not used: extra (1 images), test (2"
                                + " images)");
    }

    @Test
    void aPartWithoutTheOtherIsNoClass() throws IOException {
        images("train/a/1.png", "train/a/2.png", "train/b/1.png", "train/b/2.png");
        Splits split = ImageFolder.read(root, .5, 0);
        assertThat(split.classes()).containsExactly("a", "b");
        assertThat(split.summary()).contains("50% of each class is held out of train, as no folder val is beside it");
        assertThatThrownBy(() -> ImageFolder.validation(root, List.of("a", "b")))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        root + ": found the folders train; expected train with val, valid, validation or test beside"
                                + " it (in upper or lower case), or one folder of images per class");
        images("holdout/a/1.png");
        assertThatThrownBy(() -> ImageFolder.read(root, .5, 0))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(root + ": found the folders holdout, train; expected train with val, ")
                .hasMessageNotContaining("remove");
    }

    @Test
    void imagesHeldOutAloneAreNothingToLearnFrom() throws IOException {
        images("valid/a/1.png", "a/1.png");
        assertThatThrownBy(() -> ImageFolder.read(root, .5, 0))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(root + ": found the folders a, valid, and no train; expected train");
    }

    @Test
    void classesMayBeCalledLikeParts() throws IOException {
        images("car/1.png", "car/2.png", "train/1.png", "train/2.png", "test/1.png", "test/2.png");
        Files.delete(root.resolve("test/1.png"));
        Files.delete(root.resolve("test/2.png"));
        Files.delete(root.resolve("test"));
        assertThat(ImageFolder.read(root, .5, 0).classes()).containsExactly("car", "train");
        assertThat(ImageFolder.validation(root, List.of("car", "train"))
                        .validation()
                        .size())
                .isEqualTo(4);
    }

    /** The letter e with an accent of its own, and followed by one. */
    @Test
    void namesThatLookTheSameAreOneClass() throws IOException {
        String composed = "caf\u00E9";
        String decomposed = "cafe\u0301";
        images("train/" + decomposed + "/1.png", "train/tea/1.png", "val/" + composed + "/1.png");
        Splits splits = ImageFolder.read(root, .5, 0);
        assertThat(splits.classes()).containsExactly(composed, "tea");
        assertThat(splits.validation().label(0)).isZero();
        assertThat(ImageFolder.validation(root, List.of(decomposed, "tea")).classes())
                .containsExactly(decomposed, "tea");
        images("train/" + composed + "/2.png");
        Splits both = ImageFolder.read(root, .5, 0);
        assertThat(both.classes()).containsExactly(composed, "tea");
        assertThat(both.train().size()).isEqualTo(3);
        assertThat(both.summary())
                .contains("several folders are called " + composed
                        + ", with accents written in different ways: they are one class");
    }

    @Test
    void linksAreFollowedButNotInCircles() throws IOException {
        images("a/1.png", "b/1.png", "b/2.png");
        Files.createSymbolicLink(root.resolve("a/more"), root.resolve("b"));
        Files.createSymbolicLink(root.resolve("b/again"), root.resolve("b"));
        Files.createSymbolicLink(root.resolve("b/gone.png"), root.resolve("nowhere.png"));
        Splits splits = ImageFolder.validation(root, List.of("a", "b"));
        assertThat(splits.validation().size()).isEqualTo(5);
        assertThat(splits.summary().get(2)).contains("circular link").contains("2 broken links");
    }
}
