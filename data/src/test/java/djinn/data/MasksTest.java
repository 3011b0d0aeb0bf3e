package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Masks as Pillow 12.3.0 writes them, and folders of them. */
class MasksTest {

    private static final List<String> CLASSES = List.of("ground", "one", "two");

    @TempDir
    private Path folder;

    private Path mask(String name) {
        Path file = folder.resolve(name);
        try (InputStream from = MasksTest.class.getResourceAsStream("masks/" + name)) {
            Files.copy(from, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static LabelMap map(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new LabelMap(2, values.length / 2, bytes);
    }

    @Test
    void paletteIndicesAndGreyLevelsAreClasses() {
        LabelMap expected = map(0, 1, 2, 255, 1, 0);
        for (String name : List.of("palette.png", "grey.png", "greyalpha.png")) {
            assertThat(LabelMap.read(mask(name), LabelMap.Coding.CLASSES))
                    .as(name)
                    .isEqualTo(expected);
        }
        assertThat(LabelMap.read(mask("twobits.png"), LabelMap.Coding.CLASSES)).isEqualTo(map(0, 1, 2, 3, 1, 0));
        assertThat(LabelMap.read(mask("bits.png"), LabelMap.Coding.CLASSES)).isEqualTo(map(0, 1, 1, 0, 1, 0));
    }

    @Test
    void whatIsNotZeroIsClassOneIfAsked() {
        assertThat(LabelMap.read(mask("instances16.png"), LabelMap.Coding.NONZERO))
                .isEqualTo(map(0, 1, 1, 1, 1, 0));
        assertThat(LabelMap.read(mask("colours.png"), LabelMap.Coding.NONZERO)).isEqualTo(map(0, 1, 1, 0, 1, 0));
        assertThat(LabelMap.read(mask("grey.png"), LabelMap.Coding.NONZERO)).isEqualTo(map(0, 1, 1, 1, 1, 0));
    }

    @Test
    void otherMasksAreRefused() {
        assertThatThrownBy(() -> LabelMap.read(mask("colours.png"), LabelMap.Coding.CLASSES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("levels are the classes, got colours; save it with a palette");
        assertThatThrownBy(() -> LabelMap.read(mask("instances16.png"), LabelMap.Coding.CLASSES))
                .hasMessageContaining("got 16 bits a pixel");
        assertThatThrownBy(() -> LabelMap.read(mask("lossy.jpg"), LabelMap.Coding.NONZERO))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected a mask as PNG, got a JPEG image");
        assertThatThrownBy(() -> LabelMap.read(folder.resolve("none.png"), LabelMap.Coding.NONZERO))
                .hasMessageContaining("expected a mask, but there is no such file");
    }

    @Test
    void aMapWrittenAsAPictureIsReadAgain() throws IOException {
        LabelMap map = map(0, 1, 2, 255, 7, 0);
        Path file = folder.resolve("written.png");
        ImageIO.write(map.toBufferedImage(), "png", file.toFile());
        assertThat(LabelMap.read(file, LabelMap.Coding.CLASSES)).isEqualTo(map);
    }

    @Test
    void theColoursAreThoseOfPascalVoc() {
        // aeroplane, bicycle, ..., tv monitor (20), as the devkit lists them
        assertThat(LabelColours.of(1)).isEqualTo(0x800000);
        assertThat(LabelColours.of(2)).isEqualTo(0x008000);
        assertThat(LabelColours.of(3)).isEqualTo(0x808000);
        assertThat(LabelColours.of(8)).isEqualTo(0x400000);
        assertThat(LabelColours.of(20)).isEqualTo(0x004080);
        assertThat(LabelColours.of(0)).isZero();
    }

    @Test
    void anOverlayMixesTheColoursIn() {
        Pixels image = new Pixels(1, 3, 1, new byte[] {100, 100, 100});
        var picture = LabelColours.overlay(image, new LabelMap(1, 3, new byte[] {0, 1, -1}), 0.5);
        assertThat(picture.getRGB(0, 0) & 0xFFFFFF).isEqualTo(0x646464);
        // (100 + 128) / 2 = 114, 100 / 2 = 50
        assertThat(picture.getRGB(1, 0) & 0xFFFFFF).isEqualTo(0x723232);
        assertThat(picture.getRGB(2, 0) & 0xFFFFFF).isEqualTo(0x646464);
    }

    /** Expected by Pillow 12.3.0: {@code ImageOps.pad(image, (width, height), filter, color=(102, 102, 102))}. */
    @ParameterizedTest
    @CsvSource({
        "BILINEAR, 101, 67, 32, 45, 36e1147e",
        "BICUBIC, 37, 53, 36, 54, 5eb1776f",
        "NEAREST, 13, 9, 40, 31, d4c2ac85",
        "BILINEAR, 64, 64, 28, 52, 67b100fa"
    })
    void aLetterboxIsPillowsPad(
            Interpolation interpolation, int height, int width, int toHeight, int toWidth, String expected) {
        byte[] values = new byte[height * width * 3];
        int i = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    values[i++] = (byte) ((y * y * 7 + x * x * 13 + x * y * 3 + c * 101) ^ (x * 5));
                }
            }
        }
        Preprocessing model = new Preprocessing(
                toHeight,
                toWidth,
                3,
                List.of(.4, .4, .4),
                List.of(1.0, 1.0, 1.0),
                Preprocessing.Fit.LETTERBOX,
                1,
                interpolation);
        CRC32 crc = new CRC32();
        crc.update(model.fit(new Pixels(height, width, 3, values)).values());
        assertThat(String.format("%08x", crc.getValue())).isEqualTo(expected);
    }

    private void write(Path file, int height, int width, int value) throws IOException {
        Files.createDirectories(file.getParent());
        byte[] values = new byte[height * width];
        values[0] = (byte) value;
        ImageIO.write(new Pixels(height, width, 1, values).toBufferedImage(), "png", file.toFile());
    }

    private Path dataSet() throws IOException {
        Path root = folder.resolve("set");
        for (String part : List.of("train", "val")) {
            for (String stem : List.of("b", "a")) {
                write(root.resolve(part + "/images/" + stem + ".png"), 4, 5, 200);
                write(root.resolve(part + "/masks/" + stem + ".png"), 4, 5, 2);
            }
        }
        return root;
    }

    @Test
    void foldersArePairedByName() throws IOException {
        Path root = dataSet();
        Files.writeString(root.resolve("train/images/notes.txt"), "none");
        MaskSplits splits = MaskFolder.read(root, LabelMap.Coding.CLASSES, CLASSES);
        assertThat(splits.summary())
                .containsExactly(
                        "2 training, 2 validation images with masks of 3 classes (ground, one, two) from " + root,
                        "left out 1 entry of train/images that are no image files");
        assertThat(splits.train().name(0)).isEqualTo("train/images/a.png");
        assertThat(splits.train().mask(1).at(0, 0)).isEqualTo(2);
        assertThat(splits.test()).isEmpty();
        assertThat(splits.fingerprint())
                .isEqualTo(
                        MaskFolder.read(root, LabelMap.Coding.CLASSES, CLASSES).fingerprint());
    }

    @Test
    void foldersOfPascalVocArePairedByTheirLists() throws IOException {
        Files.createDirectories(folder.resolve("JPEGImages"));
        Files.createDirectories(folder.resolve("SegmentationClass"));
        Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
        for (String name : List.of("2007_000032", "2007_000039", "2007_000063")) {
            write(folder.resolve("JPEGImages").resolve(name + ".jpg"), 2, 3, 7);
            Files.copy(mask("palette.png"), folder.resolve("SegmentationClass").resolve(name + ".png"));
            Files.delete(folder.resolve("palette.png"));
        }
        // most images have no masks
        write(folder.resolve("JPEGImages/2007_000001.jpg"), 2, 3, 7);
        Files.writeString(folder.resolve("ImageSets/Segmentation/train.txt"), "2007_000039\n2007_000032\n");
        Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "2007_000063\n");
        MaskSplits splits = MaskFolder.read(folder, LabelMap.Coding.CLASSES, CLASSES);
        assertThat(splits.train().size()).isEqualTo(2);
        assertThat(splits.train().name(0)).isEqualTo("JPEGImages/2007_000039.jpg");
        assertThat(splits.train().mask(0)).isEqualTo(map(0, 1, 2, 255, 1, 0));
        assertThat(splits.validation().name(0)).isEqualTo("JPEGImages/2007_000063.jpg");
        assertThat(splits.test()).isEmpty();
        Files.writeString(folder.resolve("ImageSets/Segmentation/test.txt"), "2007_000001\n");
        assertThatThrownBy(() -> MaskFolder.read(folder, LabelMap.Coding.CLASSES, CLASSES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("2007_000001.png: expected an image and its mask for every name in ");
    }

    @Test
    void whatHasNoPartnerIsNamed() throws IOException {
        Path root = dataSet();
        write(root.resolve("val/images/c.png"), 4, 5, 1);
        assertThatThrownBy(() -> MaskFolder.read(root, LabelMap.Coding.CLASSES, CLASSES))
                .isInstanceOf(DataException.class)
                .hasMessage(root.resolve("val") + ": expected a mask of the same name for every image, found none for 1"
                        + " (c.png); add or remove them");
        Files.delete(root.resolve("val/images/c.png"));
        write(root.resolve("train/masks/d.png"), 4, 5, 1);
        assertThatThrownBy(() -> MaskFolder.read(root, LabelMap.Coding.CLASSES, CLASSES))
                .hasMessageContaining("expected an image of the same name for every mask, found none for 1 (d.png)");
        assertThatThrownBy(() -> MaskFolder.read(folder.resolve("nowhere"), LabelMap.Coding.CLASSES, CLASSES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no such folder; expected the folders train and val");
    }

    @Test
    void classesBeyondTheNamesAndOtherSizesAreRefused() throws IOException {
        Path root = dataSet();
        MaskFolder two = MaskFolder.part(root.resolve("train"), LabelMap.Coding.CLASSES, 2);
        assertThatThrownBy(() -> two.mask(0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected classes 0 to 1 and 255 for what is ignored, found 2");
        write(root.resolve("train/masks/a.png"), 3, 5, 1);
        MaskFolder three = MaskFolder.part(root.resolve("train"), LabelMap.Coding.CLASSES, 3);
        Preprocessing model = new Preprocessing(4, 4, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.STRETCH, 1);
        MaskLoader loader = new MaskLoader(three, model, Scaling.FIXED, List.of(), OnError.FAIL, 0);
        assertThatThrownBy(() -> loader.load(0, 0, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("train/images/a.png: expected a mask of the image's size, 4x5 (height x width), got 3x5;"
                        + " resize one of them, the mask by nearest");
        MaskLoader skipping = new MaskLoader(three, model, Scaling.FIXED, List.of(), OnError.SKIP, 0);
        try (MaskBatch batch = skipping.batch(new int[] {0, 1}, 0, 0)) {
            assertThat(batch.size()).isEqualTo(1);
        }
        assertThat(skipping.skipped()).containsOnlyKeys("train/images/a.png");
    }

    @Test
    void aBatchIsNormalisedAndItsIgnoredPixelsAreSaidSo() {
        Preprocessing model = new Preprocessing(2, 2, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.STRETCH, 1);
        Pixels image = new Pixels(2, 2, 1, new byte[] {0, 51, 102, (byte) 153});
        LabelMap labels = new LabelMap(2, 2, new byte[] {0, 1, -1, 2});
        try (NDManager manager = PyTorch.newManager();
                MaskBatch plain = MaskBatch.of(List.of(image), List.of(labels), model, Scaling.FIXED);
                MaskBatch own = MaskBatch.of(List.of(image), List.of(labels), model, Scaling.IMAGE)) {
            assertThat(plain.images(manager).toFloatArray()).containsExactly(0f, 0.2f, 0.4f, 0.6f);
            NDArray targets = plain.targets(manager);
            assertThat(targets.getShape()).isEqualTo(new Shape(1, 2, 2));
            assertThat(targets.toLongArray()).containsExactly(0, 1, -100, 2);
            // mean 0.3; squares .09 + .01 + .01 + .09 over n - 1
            float divisor = (float) (Math.sqrt(0.2 / 3) + 0.001);
            assertThat(own.images(manager).toFloatArray())
                    .containsExactly(
                            new float[] {-.3f / divisor, -.1f / divisor, .1f / divisor, .3f / divisor},
                            Offset.offset(1e-5f));
            assertThat(plain.pixels()).containsExactly(image);
        }
    }

    @Test
    void whatComesOfAnImageDependsOnSeedEpochAndIndexAlone() {
        MaskSplits shapes = Shapes.splits(4);
        Preprocessing model = new Preprocessing(
                32, 32, 3, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.STRETCH, 1);
        List<Augmentation> changes =
                List.of(new RandomHorizontalFlip(0.5), new RandomAffine(20, 0.1, List.of(0.9, 1.1), 5, 0));
        MaskLoader one = new MaskLoader(shapes.train(), model, Scaling.FIXED, changes, OnError.FAIL, 0);
        MaskLoader other =
                new MaskLoader(Shapes.splits(4).train(), model, Scaling.FIXED, changes, OnError.FAIL, 1 << 20);
        assertThat(one.load(3, 1, 2)).isEqualTo(other.load(3, 1, 2)).isNotEqualTo(one.load(3, 1, 3));
        assertThat(other.load(3, 1, 2)).isEqualTo(one.load(3, 1, 2));
    }

    @Test
    void coloursStandForClasses() throws IOException {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        int[] pixels = {0x000000, 0xFF0000, 0x00FF80, 0xE0E0C0, 0xFF0000, 0x000000};
        image.setRGB(0, 0, 3, 2, pixels, 0, 3);
        Path file = folder.resolve("colours.png");
        ImageIO.write(image, "png", file.toFile());
        List<String> classes = List.of("#000000", "#ff0000", "#00FF80");
        MaskColours colours = new MaskColours(classes, List.of("#e0e0c0"));
        assertThat(LabelMap.read(file, colours)).isEqualTo(map(0, 1, 2, 255, 1, 0));
        assertThatThrownBy(() -> LabelMap.read(file, new MaskColours(classes, List.of())))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("colours.png: expected the colours")
                .hasMessageContaining("found #e0e0c0 at row 1, column 0");
        Path greys = folder.resolve("greys.png");
        BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 128);
        ImageIO.write(grey, "png", greys.toFile());
        assertThat(LabelMap.read(greys, new MaskColours(List.of("#000000", "#808080"), List.of())))
                .isEqualTo(new LabelMap(1, 2, new byte[] {1, 0}));
        assertThatThrownBy(() -> new MaskColours(List.of("red"), List.of())).hasMessageContaining("'#rrggbb'");
        assertThatThrownBy(() -> new MaskColours(List.of("#000000", "#000000"), List.of()))
                .hasMessageContaining("a colour of its own for each class");
    }

    @Test
    void backgroundBetweenObjectsCounts() {
        // two objects three columns apart, in one row: distances from the middle are 1 and 3, 2 and 2, 3 and 1
        byte[] values = {0, 1, 0, 0, 0, 2, 0, 0, (byte) 255};
        float[] weights = new BoundaryWeights(10, 5).of(new LabelMap(1, 9, values));
        double four = 10 * Math.exp(-16 / 50.0);
        double[] expected = {
            10 * Math.exp(-36 / 50.0), 0, four, four, four, 0, 10 * Math.exp(-36 / 50.0), 10 * Math.exp(-64 / 50.0), 0
        };
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) weights[i]).as("pixel %d", i).isCloseTo(expected[i], Offset.offset(1e-5));
        }
        // one object alone has nothing between, nor have two that are far apart
        assertThat(new BoundaryWeights(10, 5).of(new LabelMap(1, 3, new byte[] {0, 1, 0})))
                .containsOnly(0f);
        byte[] far = new byte[30];
        far[0] = 1;
        far[29] = 1;
        assertThat(new BoundaryWeights(10, 5).of(new LabelMap(1, 30, far))).containsOnly(0f);
    }

    @Test
    void distancesToObjectsAreEuclidean() {
        // objects at corners of a 9x9 map: brute force over all pixels of each
        byte[] values = new byte[81];
        values[0] = 1;
        values[1] = 1;
        values[80] = 1;
        values[6] = 2;
        float[] weights = new BoundaryWeights(10, 5).of(new LabelMap(9, 9, values));
        int[][][] objects = {{{0, 0}, {0, 1}}, {{8, 8}}, {{0, 6}}};
        for (int i = 0; i < 81; i++) {
            int y = i / 9;
            int x = i % 9;
            double[] distances = new double[3];
            for (int o = 0; o < 3; o++) {
                distances[o] = Double.POSITIVE_INFINITY;
                for (int[] pixel : objects[o]) {
                    distances[o] = Math.min(distances[o], Math.hypot(y - pixel[0], x - pixel[1]));
                }
            }
            Arrays.sort(distances);
            double both = distances[0] + distances[1];
            double expected = values[i] == 0 && both < 20 ? 10 * Math.exp(-both * both / 50) : 0;
            assertThat((double) weights[i]).as("pixel %d", i).isCloseTo(expected, Offset.offset(1e-4));
        }
    }
}
