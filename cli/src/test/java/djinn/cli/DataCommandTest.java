package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What is said of data sets with faults of each kind. */
class DataCommandTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void paint() throws IOException {
        for (int i = 0; i < 4; i++) {
            png(folder.resolve(i + ".png"), 0x010101 * i);
        }
    }

    private static void png(Path file, int colour) throws IOException {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        image.setRGB(3, 3, colour);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    private Path recipe(String data) throws IOException {
        return Files.writeString(folder.resolve("recipe.yaml"), """
            task: detection
            model: {name: yolov5n}
            data: %s
            optimizer: {name: sgd, lr: 0.1}
            train: {epochs: 1}
            """.formatted(data));
    }

    private Path coco(String name, String images, String annotations) throws IOException {
        String text = "{'categories': [{'id': 3, 'name': 'cat'}, {'id': 9, 'name': 'dog'}], 'images': [" + images
                + "], 'annotations': [" + annotations + "]}";
        return Files.writeString(folder.resolve(name), "\uFEFF" + text.replace('\'', '"'));
    }

    private static String image(int id, String file) {
        return "{'id': " + id + ", 'file_name': '" + file + "', 'height': 30, 'width': 40}";
    }

    private static String object(int id, int image, int category, String box) {
        return "{'id': " + id + ", 'image_id': " + image + ", 'category_id': " + category + ", 'bbox': " + box + "}";
    }

    @Test
    void eachFaultOfAListIsALine() throws IOException {
        Files.writeString(folder.resolve("broken.png"), "no image");
        Path train = coco(
                "train.json",
                String.join(",", image(1, "0.png"), image(2, "1.png"), image(3, "broken.png")),
                String.join(
                        ",",
                        object(11, 1, 3, "[1, 2, 30, 20]"),
                        object(12, 1, 3, "[50, 2, 5, 5]"),
                        object(13, 1, 3, "[5, 5, 0, 5]"),
                        object(14, 1, 3, "[9, 9, -4, 5]"),
                        object(15, 1, 9, "[30, 20, 20, 20]"),
                        object(16, 1, 4, "[1, 2, 3, 4]"),
                        object(17, 77, 3, "[1, 2, 3, 4]")));
        Path val = coco("val.json", image(1, "0.png"), object(1, 1, 3, "[1, 2, 30, 20]"));
        Path recipe =
                recipe("{source: coco, root: '" + folder + "', train_file: '" + train + "', val_file: '" + val + "'}");
        Answer answer = Answer.of("data", "check", recipe);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.lines())
                .anyMatch(line -> line.startsWith("box_outside: 0.png (annotation 12): "))
                .anyMatch(line -> line.startsWith("box_flat: 0.png (annotation 13): "))
                .anyMatch(line -> line.startsWith("box_inverted: 0.png (annotation 14): "))
                .anyMatch(line -> line.startsWith("box_clipped: 0.png (annotation 15): "))
                .contains("class_unknown: " + train
                        + " (annotation 16): is of category 4, which is not in the list of categories [3, 9]")
                .anyMatch(line -> line.startsWith(
                        "image_unknown: " + train + " (annotation 17): is of image 77, which is not in the list"))
                .anyMatch(line -> line.startsWith("image_unreadable: broken.png (image 3): "))
                .contains("image_empty: 1.png (image 2): the training image has no objects")
                .anyMatch(line ->
                        line.startsWith("image_shared: 0.png (image 1): the validation image 0.png has the same"))
                .anyMatch(line -> line.startsWith("class_missing: ") && line.contains("dog"))
                .contains("training: 3 images, 1 cannot be read, 1 without objects; 2 objects: cat 1 (50.0 %), dog 1"
                        + " (50.0 %)");
        assertThat(answer.lines().get(answer.lines().size() - 1)).isEqualTo("10 findings, 7 of them faults to mend");

        JsonNode json = new ObjectMapper()
                .readTree(Answer.of("data", "check", recipe, "--json").out());
        assertThat(json.get("faults").asInt()).isEqualTo(7);
        assertThat(json.get("findings").size()).isEqualTo(10);
        assertThat(json.get("parts").get(0).get("objects_by_class").get("dog").asInt())
                .isEqualTo(1);
        assertThat(json.get("parts").get(1).get("box_sizes").get("least").asDouble())
                .isEqualTo(Math.sqrt(600));

        // what is left out of the check stops the training, with the same words
        Answer trained = Answer.of("train", recipe, "--runs", folder.resolve("runs"));
        assertThat(trained.code()).isEqualTo(1);
        assertThat(trained.err())
                .contains("train.json: annotation 16 is of category 4, which is not in the list")
                .hasLineCount(1);
    }

    @Test
    void aSoundListOfCsvIsDrawnIntoPartsAndSaysSo() throws IOException {
        Path csv = Files.writeString(folder.resolve("boxes.csv"), """
                image,label,x1,y1,x2,y2
                0.png,cat,1,2,9,8
                1.png,dog,3,3,20,20
                2.png,cat,3,3,20,20
                3.png,cat,1,1,2,2
                """);
        Answer answer = Answer.of(
                "data",
                "check",
                recipe("{source: csv, root: '" + folder + "', train_file: '" + csv + "', val_fraction: 0.25}"),
                "--json");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        JsonNode parts = new ObjectMapper().readTree(answer.out()).get("parts");
        assertThat(parts.get(0).get("images").asInt()).isEqualTo(3);
        assertThat(parts.get(1).get("images").asInt()).isEqualTo(1);
    }

    @Test
    void yolosListsAndVocsTestPartAreLookedAt() throws IOException {
        Path yolo = Files.createDirectories(folder.resolve("yolo"));
        png(yolo.resolve("images/a.png"), 5);
        png(yolo.resolve("images/b.png"), 6);
        Files.createDirectories(yolo.resolve("labels"));
        Files.writeString(yolo.resolve("labels/a.txt"), "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.2 0.2\n");
        Files.writeString(yolo.resolve("train.txt"), "images\\a.png\r\n");
        Files.writeString(yolo.resolve("val.txt"), ".\\images\\b.png\n");
        Path yaml = Files.writeString(yolo.resolve("data.yaml"), "names: [cat]\ntrain: train.txt\nval: val.txt\n");
        Answer answer = Answer.of("data", "check", recipe("{source: yolo, root: '" + yaml + "'}"));
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out())
                .contains("class_unknown: ", "a.txt:2: expected a class from 0 to 0")
                .contains("image_empty: images/b.png (image 1): the validation image has no objects");

        Path voc = folder.resolve("voc");
        for (String name : new String[] {"a", "b", "c"}) {
            png(voc.resolve("JPEGImages/" + name + ".png"), name.charAt(0));
            Files.createDirectories(voc.resolve("Annotations"));
            Files.writeString(voc.resolve("Annotations/" + name + ".xml"), """
                <annotation><filename>%s.png</filename><size><width>40</width><height>30</height></size>
                <object><name>cat</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>
                </object></annotation>\
                """.formatted(name));
        }
        Files.createDirectories(voc.resolve("ImageSets/Main"));
        Files.writeString(voc.resolve("ImageSets/Main/train.txt"), "a\nb\n");
        Files.writeString(voc.resolve("ImageSets/Main/test.txt"), "c\n");
        Answer parts = Answer.of("data", "check", recipe("{source: voc, root: '" + voc + "', val_fraction: 0.5}"));
        assertThat(parts.err()).isEmpty();
        assertThat(parts.code()).isZero();
        assertThat(parts.out()).contains("training: 1 images", "validation: 1 images", "test: 1 images");
    }

    @Test
    void imagesWithAClassOrMasksAreLookedAtToo() throws IOException {
        for (String part : new String[] {"train", "val"}) {
            png(folder.resolve("photos/" + part + "/a/1.png"), 7);
            png(folder.resolve("photos/" + part + "/b/2.png"), part.length());
            png(folder.resolve("masked/" + part + "/images/1.png"), part.length());
            BufferedImage mask = new BufferedImage(40, part.equals("val") ? 29 : 30, BufferedImage.TYPE_BYTE_GRAY);
            mask.getRaster().setSample(1, 1, 0, 9);
            Path file = folder.resolve("masked/" + part + "/masks/1.png");
            Files.createDirectories(file.getParent());
            ImageIO.write(mask, "png", file.toFile());
        }
        Path classes = Files.writeString(folder.resolve("classes.yaml"), """
            model: {name: nin_small}
            data: {source: image_folder, root: '%s'}
            optimizer: {name: sgd, lr: 0.1}
            train: {epochs: 1}
            """.formatted(folder.resolve("photos")));
        Answer shared = Answer.of("data", "check", classes);
        assertThat(shared.err()).isEmpty();
        assertThat(shared.code()).isEqualTo(1);
        assertThat(shared.out())
                .contains("image_shared: ", "training: 2 images, 0 cannot be read; images: a 1 (50.0 %), b 1 (50.0 %)");
        assertThat(shared.out()).endsWith("1 findings, 1 of them faults to mend" + System.lineSeparator());

        Path masks = Files.writeString(folder.resolve("masks.yaml"), """
            task: segmentation
            model: {name: unet}
            data: {source: mask_folder, root: '%s', classes: [ground, cell]}
            optimizer: {name: sgd, lr: 0.1}
            train: {epochs: 1}
            """.formatted(folder.resolve("masked")));
        Answer masked = Answer.of("data", "check", masks);
        assertThat(masked.err()).isEmpty();
        assertThat(masked.code()).isEqualTo(1);
        assertThat(masked.out()).contains("found 9", "validation: 1 images, 1 cannot be read");
        Answer sizes = Answer.of("data", "check", masks, "--set", "data.masks=nonzero");
        assertThat(sizes.out())
                .contains("got 29x40")
                .contains("training: 1 images, 0 cannot be read; pixels: ground 1199 (99.9 %), cell 1 (0.1 %)");
    }

    @Test
    void imagesToLearnToMakeAreLookedAtAndPairsComparedToo() throws IOException {
        for (String domain : new String[] {"a", "b"}) {
            for (int i = 0; i < 3; i++) {
                int shade = 0x101010 * (i + 1) + (domain.equals("a") ? 0 : 0x808080);
                png(folder.resolve("pairs/" + domain + "/" + i + ".png"), shade);
            }
        }
        Files.writeString(folder.resolve("pairs/broken.png"), "no image");
        Answer loose = Answer.of(
                "data",
                "check",
                "../configs/diffusion_tiny.yaml",
                "--set",
                "data={source: images, root: '" + folder.resolve("pairs") + "', size: 8}");
        assertThat(loose.code()).as(loose.err()).isEqualTo(1);
        assertThat(loose.out())
                .contains("image_unreadable: broken.png: ")
                .endsWith("1 findings, 1 of them faults to mend" + System.lineSeparator());

        String[] words = {
            "data",
            "check",
            "../configs/paired_image_translation_tiny.yaml",
            "--set",
            "data={source: folders, root_a: '" + folder.resolve("pairs/a") + "', root_b: '" + folder.resolve("pairs/b")
                    + "', size: 32, val_fraction: 0.4}"
        };
        Answer pairs = Answer.of((Object[]) words);
        assertThat(pairs.code()).as(pairs.out()).isZero();
        assertThat(pairs.lines())
                .containsExactly(
                        "training a: 2 images, 0 cannot be read; images: image 2 (100.0 %)",
                        "validation a: 1 images, 0 cannot be read; images: image 1 (100.0 %)",
                        "training b: 2 images, 0 cannot be read; images: image 2 (100.0 %)",
                        "validation b: 1 images, 0 cannot be read; images: image 1 (100.0 %)",
                        "0 findings, 0 of them faults to mend");
        ImageIO.write(
                new BufferedImage(41, 30, BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve("pairs/b/1.png").toFile());
        Answer misfit = Answer.of((Object[]) words);
        assertThat(misfit.code()).isEqualTo(1);
        assertThat(misfit.lines())
                .contains("image_unreadable: 1.png: " + folder.resolve("pairs/b/1.png")
                        + ": expected an image of 40x30, as its partner " + folder.resolve("pairs/a/1.png")
                        + " is, got one of 41x30; make both equally large");
        words[2] = "../configs/image_translation_tiny.yaml";
        assertThat(Answer.of((Object[]) words).code()).isZero();
    }

    @Test
    void allThatIsWrongWithListsOfMasksIsTold() throws IOException {
        Path root = Files.createDirectories(folder.resolve("outlined"));
        for (String name : new String[] {"a", "b", "c"}) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
            image.setRGB(name.charAt(0) - 'a', 0, 0xFFFFFF);
            ImageIO.write(image, "png", root.resolve(name + ".png").toFile());
        }
        Path list = Files.writeString(root.resolve("list.json"), """
            {"images": [{"id": 1, "file_name": "a.png", "height": 8, "width": 8},
                        {"id": 2, "file_name": "b.png", "height": 8, "width": 8},
                        {"id": 3, "file_name": "gone.png", "height": 8, "width": 8}],
             "categories": [{"id": 5, "name": "cell"}],
             "annotations": [
               {"id": 10, "image_id": 1, "category_id": 5, "bbox": [0, 0, 4, 4], "segmentation": [[0, 0, 4, 0, 4, 4, 0, 4]]},
               {"id": 11, "image_id": 1, "category_id": 5, "bbox": [4, 4, 2, 2]},
               {"id": 12, "image_id": 2, "category_id": 6, "bbox": [0, 0, 4, 4]},
               {"id": 13, "image_id": 9, "category_id": 5, "bbox": [0, 0, 4, 4]}]}
            """);
        Path recipe = Files.writeString(folder.resolve("outlined.yaml"), """
            task: segmentation
            model: {name: unet}
            data: {source: coco, root: '%s', train_file: '%s', val_file: '%s'}
            optimizer: {name: sgd, lr: 0.1}
            train: {epochs: 1}
            """.formatted(root, list, list));
        Answer answer = Answer.of("data", "check", recipe);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.out())
                .contains("mask_missing: a.png (annotation 11): expected a mask")
                .contains("class_unknown: " + list + " (annotation 12)")
                .contains("image_unknown: " + list + " (annotation 13)")
                .contains("image_unreadable: gone.png")
                .contains("training: 3 images, 1 cannot be read; pixels: background 112 (87.5 %), cell 16 (12.5 %)");
    }

    @Test
    void whatHasNoFilesIsRefusedInALine() throws IOException {
        Answer painted = Answer.of("data", "check", recipe("{source: shapes}"));
        assertThat(painted.code()).isEqualTo(2);
        assertThat(painted.err())
                .contains("data.source: expected coco, csv, voc or yolo")
                .hasLineCount(1);
        Path text = Path.of("..", "configs", "language_model_tiny.yaml");
        Answer other = Answer.of("data", "check", text);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err())
                .contains("expected a recipe whose data can be checked")
                .hasLineCount(1);
        assertThat(Answer.of("data").err()).contains("expected a subcommand: list, get or check");
    }
}
