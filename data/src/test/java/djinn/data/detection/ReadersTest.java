package djinn.data.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Finding;
import djinn.data.ImageObject;
import djinn.data.Scene;
import djinn.ops.Box;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VOC's folders, YOLO's and a list of boxes. */
class ReadersTest {

    @TempDir
    private Path folder;

    private void image(String name, int height, int width) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }

    private Path text(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Scene scene(ObjectData data, int index) {
        return data.scenes(new AnnotatedImage.Wanted(3, true, true, 0, 0)).example(index);
    }

    private static String object(String name, String difficult, int... corners) {
        return "<object><name>" + name + "</name><difficult>" + difficult + "</difficult><bndbox><xmin>" + corners[0]
                + "</xmin><ymin>" + corners[1] + "</ymin><xmax>" + corners[2] + "</xmax><ymax>" + corners[3]
                + "</ymax></bndbox></object>";
    }

    private void voc(String name, String objects) throws IOException {
        text(
                "Annotations/" + name + ".xml",
                "\uFEFF<?xml version=\"1.0\"?><annotation><filename>" + name + ".png</filename><size><width>8</width>"
                        + "<height>6</height></size>" + objects + "</annotation>");
        image("JPEGImages/" + name + ".png", 6, 8);
    }

    @Test
    void vocCountsPixelsFromOneAndBothCornersBelongToTheBox() throws IOException {
        voc("a", object("dog", "0", 1, 2, 8, 4) + object("cat", "1", 3, 3, 3, 3) + object("cat", "0", 5, 1, 4, 3));
        voc("b", "");
        voc("c", object("eel", "0", 0, 1, 2, 2));
        text("ImageSets/Main/train.txt", "a 1\nb -1\n");
        ObjectData data = VocXml.read(folder, "train", List.of());
        assertThat(data.classes()).containsExactly("cat", "dog", "eel");
        assertThat(scene(data, 0).objects().objects())
                .containsExactly(
                        new ImageObject(1, new Box(0, 1, 8, 3)),
                        new ImageObject(0, new Box(2, 2, 1, 1), Optional.empty(), true));
        assertThat(scene(data, 1).objects().objects()).isEmpty();
        // of pixels 5 to 4 none is left, as of a box without area
        assertThat(data.findings()).extracting(Finding::kind).containsExactly(Finding.Kind.BOX_FLAT);
        assertThat(data.findings().get(0).toString()).startsWith("a (object 3): ");
        assertThatThrownBy(() -> VocXml.read(folder, "train", List.of("cat")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("a.xml", "object 1", "dog");
        text("ImageSets/Main/val.txt", "c\n");
        assertThat(VocXml.read(folder, "val", List.of()).notes())
                .containsExactly("clipped boxes that reach over the edges of their images: 1 (c object 1)");
    }

    @Test
    void yoloIsInSharesAndPathsMayBeOfWindows() throws IOException {
        image("images/train/a.png", 6, 8);
        image("images/val/b.png", 10, 20);
        text("labels/train/a.txt", "\uFEFF1 0.5 0.5 0.25 0.5\r\n0 0 0 0.5 0 0.5 0.5 0 0.5\n");
        text("val.txt", "images\\val\\b.png\r\n");
        Path yaml = text("data.yaml", "path: C:\\data\nnames: {0: cat, 1: dog}\ntrain: images\\train\nval: val.txt\n");
        ObjectData train = YoloText.read(yaml, "train");
        assertThat(train.classes()).containsExactly("cat", "dog");
        List<ImageObject> objects = scene(train, 0).objects().objects();
        assertThat(objects).extracting(ImageObject::box).containsExactly(new Box(3, 1.5, 2, 3), new Box(0, 0, 4, 3));
        assertThat(objects.get(1).mask().orElseThrow().area()).isEqualTo(12);
        ObjectData validation = YoloText.read(yaml, "val");
        assertThat(scene(validation, 0).image().width()).isEqualTo(20);
        assertThat(scene(validation, 0).objects().objects()).isEmpty();
        assertThat(YoloText.has(yaml, "test")).isFalse();
    }

    @Test
    void yoloRefusesPixelsAndClassesWithoutName() throws IOException {
        image("images/a.png", 6, 8);
        Path yaml = text("data.yaml", "names: [cat]\ntrain: images\n");
        text("labels/a.txt", "\n1 0.5 0.5 0.25 0.5\n");
        assertThatThrownBy(() -> YoloText.read(yaml, "train"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("a.txt:2:", "got 1");
        text("labels/a.txt", "0 4 3 2 2\n");
        assertThatThrownBy(() -> YoloText.read(yaml, "train")).hasMessageContainingAll("a.txt:1:", "pixels");
        assertThatThrownBy(() -> YoloText.read(yaml, "val")).hasMessageContainingAll("data.yaml", "val");
    }

    @Test
    void aListOfBoxesIsClippedWhenItsImagesAreRead() throws IOException {
        image("sub/a.png", 6, 8);
        image("b.png", 6, 8);
        Path csv = text("boxes.csv", """
                image,label,x1,y1,x2,y2
                sub\\a.png,dog,1,2,99,4
                b.png,,,,,
                sub\\a.png,cat,2,2,2,3
                sub\\a.png,cat,9,0,10,1
                """);
        ObjectData data = BoxesCsv.read(csv, folder, List.of());
        assertThat(data.classes()).containsExactly("cat", "dog");
        assertThat(scene(data, 0).objects().objects()).containsExactly(new ImageObject(1, new Box(1, 2, 7, 2)));
        assertThat(scene(data, 1).objects().objects()).isEmpty();
        assertThat(data.notes()).containsExactly("left out boxes without area: 1 (sub/a.png line 4)");
        assertThatThrownBy(() -> BoxesCsv.read(csv, folder, List.of("dog")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("boxes.csv:4", "cat");
    }

    @Test
    void listsOfPartsHaveAllTheirClassesTogether() throws IOException {
        Path train = text("train.csv", "image,label,x1,y1,x2,y2\na.png,eel,0,0,1,1\nb.png,,,,,\n");
        Path val = text("val.csv", "image,label,x1,y1,x2,y2\nc.png,cat,0,0,1,1\nc.png,eel,0,0,1,1\n");
        assertThat(BoxesCsv.classes(List.of(train, val))).containsExactly("cat", "eel");
    }
}
