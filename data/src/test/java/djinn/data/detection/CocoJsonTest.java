package djinn.data.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Finding;
import djinn.data.ImageObject;
import djinn.data.LabelMap;
import djinn.data.OnError;
import djinn.data.Scene;
import djinn.ops.Box;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** COCO's lists, right and wrong. */
class CocoJsonTest {

    private static final String CATEGORIES = "[{'id': 7, 'name': 'cat'}, {'id': 3, 'name': 'dog'}]";
    private static final String IMAGES = "[{'id': 12, 'file_name': 'sub\\\\a.png', 'width': 8, 'height': 6}]";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeImage() throws IOException {
        Files.createDirectories(folder.resolve("sub"));
        BufferedImage image = new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(image, "png", folder.resolve("sub/a.png").toFile());
    }

    private ObjectData read(String annotations) throws IOException {
        return read(CATEGORIES, IMAGES, annotations);
    }

    private ObjectData read(String categories, String images, String annotations) throws IOException {
        Path json = folder.resolve("list.json");
        String text =
                "{'categories': " + categories + ", 'images': " + images + ", 'annotations': " + annotations + "}";
        Files.writeString(json, "\uFEFF" + text.replace('\'', '"'));
        return CocoJson.read(json, folder);
    }

    private static String annotation(int id, String rest) {
        return "{'id': " + id + ", 'image_id': 12, 'category_id': 7, " + rest + "}";
    }

    private static Scene scene(ObjectData data) {
        return data.scenes(new AnnotatedImage.Wanted(3, true, true, 0, 0)).example(0);
    }

    @Test
    void numbersWithGapsBecomeLabelsInTheirOrder() throws IOException {
        ObjectData data = read("[" + annotation(1, "'bbox': [1, 2, 3, 4]") + "]");
        assertThat(data.classes()).containsExactly("dog", "cat");
        assertThat(data.categoryIds()).containsExactly(3L, 7L);
        Scene scene = scene(data);
        assertThat(scene.objects().objects()).containsExactly(new ImageObject(1, new Box(1, 2, 3, 4)));
        assertThat(scene.origin().id()).isEqualTo(12);
        assertThat(scene.origin().name()).isEqualTo("sub/a.png");
        assertThat(data.notes()).isEmpty();
    }

    @Test
    void outlinesAndRunLengthsOfOneRectangleAreOneMask() throws IOException {
        // columns 1 to 3 and rows 2 to 4 of 6 rows: 8 before the first run of 3, gaps of 3, and 48 pixels in all;
        // as a string: 8, 3, 3 and then differences to the run two before, 3 - 3 = 0, 3 - 3 = 0, 3 - 3 = 0 and 25 - 3 =
        // 22
        String box = "'bbox': [1, 2, 3, 3], 'segmentation': ";
        ObjectData data = read("["
                + annotation(1, box + "[[1, 2, 4, 2, 4, 5, 1, 5]]") + ", "
                + annotation(2, box + "{'size': [6, 8], 'counts': [8, 3, 3, 3, 3, 3, 25]}, 'iscrowd': 1") + ", "
                + annotation(3, box + "{'size': [6, 8], 'counts': '833000f0'}") + "]");
        List<ImageObject> objects = scene(data).objects().objects();
        assertThat(objects).extracting(ImageObject::isCrowd).containsExactly(false, true, false);
        for (ImageObject object : objects) {
            assertThat(object.mask().orElseThrow().counts()).containsExactly(8, 3, 3, 3, 3, 3, 25);
        }
        assertThat(data.scenes(new AnnotatedImage.Wanted(3, false, false, 0, 0))
                        .example(0)
                        .objects()
                        .objects())
                .hasSize(2)
                .allMatch(object -> object.mask().isEmpty());
    }

    @Test
    void boxesThatCannotBeAreClippedOrLeftOutAndNamed() throws IOException {
        ObjectData data = read("["
                + annotation(1, "'bbox': [-2, 1, 4, 2]") + ", "
                + annotation(2, "'bbox': [1, 1, 0, 2]") + ", "
                + annotation(3, "'bbox': [3, 1, -2, 2]") + ", "
                + annotation(4, "'bbox': [9, 1, 2, 2]") + ", "
                + annotation(5, "'bbox': [7, 5, 1, 1], 'segmentation': [[1, 2, 3, 4]]") + "]");
        assertThat(scene(data).objects().objects())
                .extracting(ImageObject::box)
                .containsExactly(new Box(0, 1, 2, 2), new Box(7, 5, 1, 1));
        assertThat(data.notes())
                .containsExactly(
                        "clipped boxes that reach over the edges of their images: 1 (sub/a.png annotation 1)",
                        "left out boxes outside of their images: 1 (sub/a.png annotation 4)",
                        "left out boxes without area: 1 (sub/a.png annotation 2)",
                        "left out boxes that end before they begin: 1 (sub/a.png annotation 3)",
                        "left out outlines of fewer than three corners: 1 (sub/a.png annotation 5)");
    }

    @Test
    void smallObjectsAreLeftOutIfAsked() throws IOException {
        ObjectData data =
                read("[" + annotation(1, "'bbox': [1, 2, 1, 4]") + ", " + annotation(2, "'bbox': [1, 2, 2, 2]") + "]");
        assertThat(data.scenes(new AnnotatedImage.Wanted(1, false, false, 2, 0))
                        .example(0)
                        .objects()
                        .objects())
                .containsExactly(new ImageObject(1, new Box(1, 2, 2, 2)));
    }

    @Test
    void whatDoesNotFitIsRefusedByFileAndNumber() {
        assertThatThrownBy(() -> read("[{'id': 5, 'image_id': 13, 'category_id': 7, 'bbox': [1, 2, 3, 4]}]"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("list.json", "annotation 5 is of image 13");
        assertThatThrownBy(() -> read("[{'id': 5, 'image_id': 12, 'category_id': 4, 'bbox': [1, 2, 3, 4]}]"))
                .hasMessageContainingAll("list.json", "annotation 5 is of category 4", "[3, 7]");
        assertThatThrownBy(() -> read("["
                        + annotation(6, "'bbox': [1, 2, 3, 4], 'segmentation': {'size': [8, 6], 'counts': [48]}")
                        + "]"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("list.json", "image 12", "6x8", "8x6", "annotation 6");
        assertThatThrownBy(() -> read("[" + annotation(7, "'bbox': [1, 2, 3]") + "]"))
                .hasMessageContainingAll("annotation 7", "[1,2,3]");
        assertThatThrownBy(() -> read("[{'id': 1}"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("list.json");
        assertThatThrownBy(() -> scene(read("["
                        + annotation(8, "'bbox': [1, 2, 3, 4], 'segmentation': {'size': [6, 8], 'counts': [47]}")
                        + "]")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("sub/a.png", "annotation 8", "47");
        assertThatThrownBy(() -> scene(
                        read(CATEGORIES, "[{'id': 12, 'file_name': 'sub/a.png', 'width': 80, 'height': 60}]", "[]")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("a.png", "60x80", "image 12", "6x8");
    }

    @Test
    void masksOfAnotherSizeAreAllNamedWhereTheyAreSkipped() throws IOException {
        String small = ", 'segmentation': {'size': [3, 8], 'counts': [24]}";
        assertThatThrownBy(() -> read("[" + annotation(1, "'bbox': [1, 2, 3, 4]" + small) + "]"))
                .isInstanceOf(DataException.class);
        ObjectData data = CocoJson.read(folder.resolve("list.json"), folder, OnError.SKIP);
        assertThat(data.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Finding.Kind.MASK_MISFIT);
            assertThat(finding.id()).isEqualTo("annotation 1");
            assertThat(finding.message())
                    .isEqualTo(
                            "has a mask of 3x8 (height x width), expected one of 6x8, the size of image 12 (sub/a.png)");
        });
        // an object for detection, and none for classes of pixels, which says no more of it
        assertThat(scene(data).objects().objects()).hasSize(1);
        ObjectData masked = InstanceMasks.masked(data);
        assertThat(masked.findings()).isEqualTo(data.findings());
        assertThat(masked.images().get(0).annotations()).isEmpty();
    }

    @Test
    void objectsBecomeClassMaps() throws IOException {
        // a cat of columns 1 to 3 and rows 2 to 4, and a dog of columns 3 to 4 and rows 2 to 3
        String dog =
                "{'id': 2, 'image_id': 12, 'category_id': 3, 'bbox': [3, 2, 2, 2], 'segmentation': [[3, 2, 5, 2, 5,"
                        + " 4, 3, 4]]}";
        String cat = annotation(1, "'bbox': [1, 2, 3, 3], 'segmentation': [[1, 2, 4, 2, 4, 5, 1, 5]]");
        InstanceMasks masks = InstanceMasks.of(read("[" + cat + ", " + dog + "]"));
        LabelMap map = masks.mask(0);
        int[][] expected = {
            {0, 0, 0, 0, 0, 0, 0, 0},
            {0, 0, 0, 0, 0, 0, 0, 0},
            // dog is class 1, cat class 2; where both are, nobody knows
            {0, 2, 2, 255, 1, 0, 0, 0},
            {0, 2, 2, 255, 1, 0, 0, 0},
            {0, 2, 2, 2, 0, 0, 0, 0},
            {0, 0, 0, 0, 0, 0, 0, 0}
        };
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 8; x++) {
                assertThat(map.at(y, x)).as("%d, %d", y, x).isEqualTo(expected[y][x]);
            }
        }
        assertThatThrownBy(() -> InstanceMasks.of(read("[" + annotation(5, "'bbox': [1, 2, 3, 3]") + "]")))
                .hasMessageContaining("expected a mask (segmentation) of every object, annotation 5 of sub/a.png");
    }
}
