package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class AugmentCommandTest {

    @TempDir
    private Path folder;

    @Test
    void theSheetIsAPictureOfDraws() throws IOException {
        Path sheet = folder.resolve("sheet.png");
        Answer answer = Answer.of("augment", Answer.digits(), "--sheet", sheet, "--rows", 2);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).startsWith(sheet + ": 2 draws of each of 1 augmentations, of ");
        BufferedImage two = ImageIO.read(sheet.toFile());
        // a column as it is and one of draws, each with 160 pixels and a gap of 8
        assertThat(two.getWidth()).isEqualTo(2 * 168 + 8);

        Answer more = Answer.of(
                "augment",
                Answer.digits(),
                "--sheet",
                sheet,
                "--rows",
                3,
                "--seed",
                5,
                "--set",
                "data.augment=[{name: random_shift, fraction: 0.2}, random_horizontal_flip]",
                "--json");
        assertThat(more.err()).isEmpty();
        JsonNode line = new ObjectMapper().readTree(more.out());
        assertThat(line.get("augmentations").asInt()).isEqualTo(2);
        assertThat(line.get("seed").asLong()).isEqualTo(5);
        BufferedImage three = ImageIO.read(sheet.toFile());
        assertThat(three.getWidth()).isEqualTo(4 * 168 + 8);
        assertThat(three.getHeight() - two.getHeight()).isEqualTo(168);
    }

    @Test
    void theSeedDecidesTheDraws() throws IOException {
        byte[][] sheets = new byte[3][];
        for (int i = 0; i < 3; i++) {
            Path sheet = folder.resolve(i + ".png");
            Answer.of("augment", Answer.digits(), "--sheet", sheet, "--seed", i / 2);
            sheets[i] = Files.readAllBytes(sheet);
        }
        assertThat(sheets[1]).isEqualTo(sheets[0]);
        assertThat(sheets[2]).isNotEqualTo(sheets[0]);
    }

    @Test
    void aPhotoNeedsNoData() throws IOException {
        Path photo = folder.resolve("photo.png");
        ImageIO.write(new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), """
            model: {name: nin_small}
            data: {source: image_folder, root: nowhere, augment: [random_resized_crop]}
            optimizer: {name: sgd, lr: 0.1}
            train: {epochs: 1}
            """);
        Path sheet = folder.resolve("photo-sheet.png");
        Answer answer = Answer.of("augment", recipe, "--image", photo, "--sheet", sheet);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).contains(photo.toString());
        assertThat(ImageIO.read(sheet.toFile())).isNotNull();

        for (String other : List.of(
                "detection\nmodel: {name: yolov5n}\ndata: {source: csv, train_file: none.csv",
                "segmentation\nmodel: {name: unet}\ndata: {source: mask_folder, masks: nonzero")) {
            Path of = Files.writeString(folder.resolve("other.yaml"), "task: " + other + """
                , root: nowhere, augment: [random_horizontal_flip]}
                optimizer: {name: sgd, lr: 0.1}
                train: {epochs: 1}
                """);
            Answer drawn = Answer.of("augment", of, "--image", photo, "--sheet", sheet);
            assertThat(drawn.err()).isEmpty();
            assertThat(drawn.out()).contains("4 draws of each of 1 augmentations, of " + photo);
        }

        Answer without = Answer.of("augment", recipe, "--sheet", sheet);
        assertThat(without.code()).isEqualTo(1);
        assertThat(without.err()).contains("nowhere").hasLineCount(1);
    }

    @Test
    void objectsAndMasksAreDrawnToo() throws IOException {
        Path sheet = folder.resolve("objects.png");
        Path tiny = Path.of("..", "configs", "detection_tiny.yaml");
        Answer detection =
                Answer.of("augment", tiny, "--sheet", sheet, "--rows", 2, "--set", "data.mix=[mosaic, copy_paste]");
        assertThat(detection.err()).isEmpty();
        assertThat(detection.out()).contains("2 draws of each of 3 augmentations, of painting 0");
        // as it is, the flip, and two of whole batches, each with 256 pixels and a gap of 8
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(4 * 264 + 8);

        Path masks = Path.of("..", "configs", "segmentation_tiny.yaml");
        Answer segmentation = Answer.of(
                "augment", masks, "--sheet", sheet, "--set", "data.augment=[random_horizontal_flip]", "--json");
        assertThat(segmentation.err()).isEmpty();
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(2 * 264 + 8);

        Answer gan = Answer.of("augment", Path.of("..", "configs", "gan_tiny.yaml"), "--sheet", sheet);
        assertThat(gan.code()).isEqualTo(2);
        assertThat(gan.err()).contains("whose augmentations can be drawn").hasLineCount(1);
    }

    @Test
    void mistakesAreOneLine() {
        Path sheet = folder.resolve("never.png");
        Answer none = Answer.of("augment", Answer.digits(), "--sheet", sheet, "--set", "data.augment=[]");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("the recipe has none").hasLineCount(1);
        Answer name = Answer.of("augment", Answer.digits(), "--sheet", folder.resolve("sheet.jpg"));
        assertThat(name.code()).isEqualTo(2);
        assertThat(name.err()).contains("ends in .png").hasLineCount(1);
        Answer rows = Answer.of("augment", Answer.digits(), "--sheet", sheet, "--rows", 0);
        assertThat(rows.code()).isEqualTo(2);
        assertThat(rows.err()).contains("rows of at least 1").hasLineCount(1);
        Answer image = Answer.of("augment", Answer.digits(), "--sheet", sheet, "--image", folder.resolve("no.jpg"));
        assertThat(image.code()).isEqualTo(1);
        assertThat(image.err()).contains("no.jpg").hasLineCount(1);
        Answer place = Answer.of("augment", Answer.digits(), "--sheet", folder.resolve("no/sheet.png"));
        assertThat(place.code()).isEqualTo(1);
        assertThat(place.err()).contains("there is no folder").hasLineCount(1);
        assertThat(sheet).doesNotExist();
    }
}
