package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data as people have them: each fault is mended and named, or refused in a line with file and number. */
class NastyDataTest {

    private static final int HEIGHT = 60;
    private static final int WIDTH = 100;

    @TempDir
    private Path folder;

    private int annotations;

    @BeforeEach
    void paint() throws IOException {
        for (String name : new String[] {"empty", "crowded", "faults", "tiny"}) {
            ImageIO.write(
                    painted(name.length()), "png", folder.resolve(name + ".png").toFile());
        }
        turned(folder.resolve("turned.jpg"));
    }

    private static BufferedImage painted(int seed) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(30 * seed, 90, 200 - 20 * seed));
        graphics.fillRect(10, 10, 40, 30);
        graphics.dispose();
        return image;
    }

    /** Stored 60 x 100 and turned by Exif a quarter clockwise: people see 100 x 60. */
    private static void turned(Path file) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ImageIO.write(painted(3), "jpg", plain);
        byte[] jpeg = plain.toByteArray();
        ByteBuffer exif = ByteBuffer.allocate(4 + 6 + 8 + 2 + 12 + 4);
        exif.putShort((short) 0xFFE1).putShort((short) (exif.capacity() - 2));
        exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII));
        exif.putShort((short) 42).putInt(8).putShort((short) 1);
        exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) 6);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(jpeg, 0, 2);
        whole.writeBytes(exif.array());
        whole.write(jpeg, 2, jpeg.length - 2);
        Files.write(file, whole.toByteArray());
    }

    private String image(int id, String file) {
        return "{'id': " + id + ", 'file_name': 'photos\\\\" + file + "', 'height': 60, 'width': 100}";
    }

    private String object(int image, int category, double... box) {
        return "{'id': " + ++annotations + ", 'image_id': " + image + ", 'category_id': " + category + ", 'bbox': "
                + Arrays.toString(box) + "}";
    }

    /** Categories with gaps and the byte order mark of an editor for Windows. */
    private Path list(List<String> objects) throws IOException {
        Files.createDirectories(folder.resolve("photos"));
        for (String name : new String[] {"empty.png", "crowded.png", "faults.png", "tiny.png", "turned.jpg"}) {
            Path to = folder.resolve("photos").resolve(name);
            if (!Files.exists(to)) {
                Files.copy(folder.resolve(name), to);
            }
        }
        String images = String.join(
                ",",
                image(4, "empty.png"),
                image(90, "crowded.png"),
                image(7, "faults.png"),
                image(8, "tiny.png"),
                image(2, "turned.jpg"));
        return Files.writeString(
                folder.resolve("list.json"),
                "\uFEFF"
                        + ("{'categories': [{'id': 40, 'name': 'cell'}, {'id': 3, 'name': 'dust'}], 'images': ["
                                        + images + "], 'annotations': [" + String.join(",", objects) + "]}")
                                .replace('\'', '"'));
    }

    private List<String> faults() {
        List<String> objects = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int row = i / 25;
            objects.add(object(90, i % 2 == 0 ? 40 : 3, i % 25 * 3.5, row * 2.5, 4, 3));
        }
        objects.add(object(7, 40, 10, 10, 40, 30));
        objects.add(object(7, 40, 200, 10, 40, 30)); // 502: outside
        objects.add(object(7, 40, 10, 10, 0, 30)); // 503: flat
        objects.add(object(7, 40, 50, 40, -10, -10)); // 504: inverted
        objects.add(object(7, 40, 80, 40, 40, 40)); // 505: over the edge
        objects.add(object(8, 3, 20, 20, 1, 1));
        objects.add(object(8, 40, 99, 59, 1, 1));
        objects.add(object(8, 3, 30.2, 20.7, .4, .2));
        objects.add(object(2, 40, 10, 10, 40, 30));
        return objects;
    }

    private DetectionRecipe recipe(String data, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            seed: 5
            model: {name: yolov5n}
            data: %s
            optimizer: {name: adamw, lr: 1e-3}
            train: {epochs: 1, batch_size: 3}
            """.formatted(data));
        return Recipes.read(file, List.of(overrides), DetectionRecipe.class);
    }

    private String coco(Path list) {
        return "{source: coco, root: '" + folder + "', train_file: '" + list + "', val_file: '" + list
                + "', size: 128, smallest: 0, least_visible: 0, workers: 1}";
    }

    /** The losses in training and validation and the average precision of each epoch. */
    private List<Double> train(DetectionRecipe recipe) {
        TrainingRun run = TrainingRun.start(recipe, folder.resolve("runs"), "nasty", List.of());
        run.fit();
        Results results = new Results(run.folder().path().resolve("results.csv"));
        List<Double> figures = new ArrayList<>(results.column("train_loss"));
        figures.addAll(results.column("val_loss"));
        figures.addAll(results.column("val_ap"));
        return figures;
    }

    @ParameterizedTest
    @CsvSource({"yolov5n,", "yolov3_tiny,", "retinanet,mobilenet_v2", "ssdlite,mobilenet_v2"})
    void everyFamilyLearnsFromThemWithoutNaN(String name, String backbone) throws IOException {
        List<String> overrides = new ArrayList<>(List.of("model.name=" + name));
        if (backbone != null) {
            overrides.add("model.backbone=" + backbone);
        }
        DetectionRecipe recipe = recipe(coco(list(faults())), overrides.toArray(String[]::new));
        assertThat(recipe.newTask().summary())
                .contains(
                        "left out boxes outside of their images: 1 (photos/faults.png annotation 502)",
                        "left out boxes without area: 1 (photos/faults.png annotation 503)",
                        "left out boxes that end before they begin: 1 (photos/faults.png annotation 504)")
                .anyMatch(line -> line.startsWith("clipped boxes that reach over the edges")
                        && line.contains("photos/faults.png annotation 505"));
        assertThat(recipe.newTask().card().classes()).containsExactly("dust", "cell");
        assertThat(train(recipe)).hasSize(3).allMatch(Double::isFinite);
    }

    @Test
    void mixingsAndAugmentationsTakeThemToo() throws IOException {
        DetectionRecipe recipe = recipe(
                coco(list(faults())),
                "data.augment=[zoom_out, iou_crop, {name: random_affine, degrees: 20}, photometric_distortion]",
                "data.mix=[mosaic, {name: mixup, p: 1}, {name: copy_paste, p: 1}]",
                "data.sizes=[96, 160]",
                "train.epochs=2");
        assertThat(train(recipe)).hasSize(6).allMatch(Double::isFinite);
        assertThatThrownBy(() ->
                        recipe(coco(list(faults())), "data.sizes=[96, 100]").newTask())
                .hasMessage("data.sizes: expected a multiple of 32 for yolov5n, got 100");
    }

    @Test
    void aPartToTestOnIsMeasuredByItself() throws IOException {
        Path list = list(faults());
        DetectionRecipe recipe = recipe(coco(list), "data.test_file=" + list);
        TrainingRun run = TrainingRun.start(recipe, folder.resolve("runs"), "tested", List.of());
        run.fit();
        // the same list, so the same figures
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run.folder().path()), List.of())) {
            assertThat(trained.test().values()).isEqualTo(trained.validate().values());
        }
        assertThat(recipe(coco(list)).newTask().test()).isEmpty();
    }

    @Test
    void dataWithoutAnyObjectAreRefused() throws IOException {
        Path none = list(List.of(object(7, 40, 200, 10, 40, 30)));
        assertThatThrownBy(() -> recipe(coco(none)).newTask())
                .isInstanceOf(DataException.class)
                .hasMessage(none + ": expected objects to learn from and to validate with, found 0 and 0");
    }

    @Test
    void unknownNumbersAreRefusedWithFileAndNumber() throws IOException {
        Path dangling = list(List.of(object(55, 40, 1, 1, 5, 5)));
        assertThatThrownBy(() -> recipe(coco(dangling)).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("list.json: annotation 1 is of image 55")
                .hasMessageNotContaining("\n");
        Path absent = list(List.of(object(7, 41, 1, 1, 5, 5)));
        assertThatThrownBy(() -> recipe(coco(absent)).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("list.json: annotation 2 is of category 41")
                .hasMessageContaining("[3, 40]");
    }

    @Test
    void yolosListsWithWindowsPathsAreRead() throws IOException {
        list(List.of());
        Path yolo = folder.resolve("yolo");
        Files.createDirectories(yolo.resolve("images"));
        Files.createDirectories(yolo.resolve("labels"));
        for (String name : new String[] {"tiny.png", "empty.png", "turned.jpg"}) {
            Files.copy(folder.resolve(name), yolo.resolve("images").resolve(name));
        }
        Files.writeString(
                yolo.resolve("labels/tiny.txt"), "0 0.5 0.5 0.01 0.0167\r\n1 0.1 0.1 0 0.2\r\n0 2 0.5 0.2 0.2\r\n");
        Files.writeString(yolo.resolve("labels/turned.txt"), "1 0.3 0.2 0.3 0.4\n");
        Files.writeString(
                yolo.resolve("all.txt"), "images\\tiny.png\r\n.\\images\\empty.png\r\nimages\\turned.jpg\r\n");
        Path yaml = Files.writeString(yolo.resolve("data.yaml"), "names: [cell, dust]\ntrain: all.txt\nval: all.txt\n");
        DetectionRecipe recipe = recipe("{source: yolo, root: '" + yaml + "', size: 64, workers: 1}");
        assertThat(recipe.newTask().summary())
                .contains(
                        "left out boxes without area: 1 (images/tiny.png line 2)",
                        "left out boxes outside of their images: 1 (images/tiny.png line 3)");
        assertThat(train(recipe)).hasSize(3).allMatch(Double::isFinite);
        Files.writeString(yolo.resolve("labels/turned.txt"), "2 0.3 0.2 0.3 0.4\n");
        assertThatThrownBy(recipe::newTask)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("turned.txt:1: expected a class from 0 to 1");
    }
}
