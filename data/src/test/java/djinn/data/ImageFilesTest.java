package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import djinn.ops.DataException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {

    @TempDir
    private Path folder;

    private static Pixels noise(int height, int width, int channels) {
        byte[] values = new byte[height * width * channels];
        new SplittableRandom(1).nextBytes(values);
        return new Pixels(height, width, channels, values);
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    private static byte[] progressiveJpeg(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    private Path file(String name, byte[] contents) throws IOException {
        return Files.write(folder.resolve(name), contents);
    }

    @ParameterizedTest
    @CsvSource({"png, 1", "png, 3", "bmp, 1", "bmp, 3", "gif, 1"})
    void losslessFilesGiveTheValuesWritten(String format, int channels) throws IOException {
        Pixels image = noise(7, 5, channels);
        Path file = file("image." + format, encoded(image.toBufferedImage(), format));
        assertThat(ImageFiles.read(file, channels)).isEqualTo(image);
        assertThat(ImageFiles.read(file, 3)).isEqualTo(image.withChannels(3));
        assertThat(ImageFiles.read(file, 1)).isEqualTo(image.withChannels(1));
    }

    @Test
    void theAlphaOfPngsIsDropped() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x000A1420);
        image.setRGB(1, 0, 0x80FAF0C8);
        byte[] expected = {10, 20, 32, (byte) 250, (byte) 240, (byte) 200};
        assertThat(ImageFiles.read(file("a.png", encoded(image, "png")), 3)).isEqualTo(new Pixels(1, 2, 3, expected));

        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 2, 1, 2, null);
        raster.setDataElements(0, 0, 2, 1, new byte[] {10, 0, (byte) 200, 90});
        BufferedImage greyAlpha = new BufferedImage(
                new ComponentColorModel(grey, true, false, ComponentColorModel.TRANSLUCENT, DataBuffer.TYPE_BYTE),
                raster,
                false,
                null);
        assertThat(ImageFiles.read(file("ga.png", encoded(greyAlpha, "png")), 1))
                .isEqualTo(new Pixels(1, 2, 1, new byte[] {10, (byte) 200}));
    }

    @Test
    void palettesOfPngsAreLookedUp() throws IOException {
        byte[] red = {0, 100, 1};
        byte[] green = {10, 50, 2};
        byte[] blue = {20, (byte) 200, 3};
        BufferedImage image =
                new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(2, 3, red, green, blue));
        image.getRaster().setSample(0, 0, 0, 1);
        image.getRaster().setSample(1, 0, 0, 2);
        assertThat(ImageFiles.read(file("palette.png", encoded(image, "png")), 3))
                .isEqualTo(new Pixels(1, 2, 3, new byte[] {100, 50, (byte) 200, 1, 2, 3}));
    }

    @Test
    void sixteenBitPngsAreReduced() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setDataElements(0, 0, 2, 1, new short[] {0x1234, (short) 0xFFFF});
        assertThat(ImageFiles.read(file("wide.png", encoded(image, "png")), 1))
                .isEqualTo(new Pixels(1, 2, 1, new byte[] {0x12, (byte) 0xFF}));
    }

    @Test
    void evenGreyInJpegsKeepsItsValue() throws IOException {
        // a block of one value has only a mean, which quantisation (2 at quality 0.75) moves by less than one level
        byte[] values = new byte[16 * 16];
        Arrays.fill(values, (byte) 60);
        Pixels image = new Pixels(16, 16, 1, values);
        Pixels back = ImageFiles.read(file("even.jpg", encoded(image.toBufferedImage(), "jpg")), 1);
        assertThat(back.value(8, 8, 0)).isBetween(59, 61);
        Pixels colours = ImageFiles.read(
                file("colours.jpg", encoded(image.withChannels(3).toBufferedImage(), "jpg")), 3);
        assertThat(colours.value(8, 8, 0)).isBetween(59, 61);
        assertThat(colours.value(8, 8, 2)).isBetween(59, 61);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void jpegsHaveTheValuesJavaDecodes(boolean progressive) throws IOException {
        BufferedImage colours = noise(23, 37, 3).toBufferedImage();
        byte[] jpeg = progressive ? progressiveJpeg(colours) : encoded(colours, "jpg");
        Pixels expected = Pixels.of(ImageIO.read(new ByteArrayInputStream(jpeg)), 3);
        assertThat(ImageFiles.read(file("photo.jpg", jpeg), 3)).isEqualTo(expected);
        assertThat(expected.value(3, 5, 0)).isNotEqualTo(expected.value(3, 5, 2));
    }

    @ParameterizedTest
    @CsvSource({"png, 1", "png, 3", "jpg, 1", "jpg, 3", "progressive, 3", "gif, 1", "bmp, 1", "bmp, 3"})
    void cutFilesAreRefusedWhereverTheyAreCut(String format, int channels) throws IOException {
        BufferedImage image = noise(40, 32, channels).toBufferedImage();
        byte[] whole = format.equals("progressive") ? progressiveJpeg(image) : encoded(image, format);
        assertThat(ImageFiles.read(file("whole", whole), 3)).hasToString("40x32x3");
        // the last byte of a GIF only ends the animation; the rows of a BMP fill whole words, here without padding
        int last = format.equals("gif") ? whole.length - 2 : whole.length - 1;
        for (int length = 1; length <= last; length += length < last - 20 ? 17 : 1) {
            Path cut = file("cut." + format, Arrays.copyOf(whole, length));
            assertThat(catchThrowable(() -> ImageFiles.read(cut, 3)))
                    .as("cut to %d of %d bytes", length, whole.length)
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(cut + ": ")
                    .hasMessageNotContaining("\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void whatFollowsTheImageDoesNotMatter(String format) throws IOException {
        byte[] whole = encoded(noise(40, 30, 1).toBufferedImage(), format);
        Pixels expected = ImageFiles.read(file("whole", whole), 1);
        assertThat(ImageFiles.read(file("padded", Arrays.copyOf(whole, whole.length + 99)), 1))
                .isEqualTo(expected);
    }

    @Test
    void jpegsThatEndEarlyBeforeTheirMarkerAreRefused() throws IOException {
        byte[] whole = encoded(noise(40, 30, 3).toBufferedImage(), "jpg");
        byte[] cut = Arrays.copyOf(whole, whole.length / 2);
        cut[cut.length - 2] = (byte) 0xFF;
        cut[cut.length - 1] = (byte) 0xD9;
        Path file = file("cut.jpg", cut);
        assertThatThrownBy(() -> ImageFiles.read(file, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cut.jpg: expected an image, but its contents are damaged");
    }

    @Test
    void aChangedByteInAPngIsNoticed() throws IOException {
        byte[] changed = encoded(noise(40, 30, 3).toBufferedImage(), "png");
        changed[changed.length / 2] ^= 1;
        Path file = file("changed.png", changed);
        assertThatThrownBy(() -> ImageFiles.read(file, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("changed.png")
                .hasMessageContaining("checksum");
    }

    @Test
    void aHeaderThatMisleadsTheDecoderIsAnErrorOfTheFile() throws IOException {
        byte[] changed = encoded(noise(4, 4, 3).toBufferedImage(), "bmp");
        // the offset of the pixels, little endian, made negative: Java's decoder allocates from it
        changed[13] = (byte) 0x80;
        Path file = file("changed.bmp", changed);
        assertThatThrownBy(() -> ImageFiles.read(file, 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ": expected an image, but its contents are damaged (")
                .hasMessageNotContaining("null");
    }

    @Test
    void theColourProfileOfAJpegChangesNoValue() throws IOException {
        byte[] plain = encoded(noise(16, 16, 3).toBufferedImage(), "jpg");
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        // after the start (2 bytes) and the JFIF segment (2 bytes and its length): APP2, its length, the name, part 1
        // of 1
        int header = 4 + (plain[4] << 8 | plain[5]);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, header);
        int length = 2 + 12 + 2 + profile.length;
        out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xE2, (byte) (length >> 8), (byte) length});
        out.writeBytes("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(profile);
        out.write(plain, header, plain.length - header);
        assertThat(ImageFiles.read(file("profile.jpg", out.toByteArray()), 3))
                .isEqualTo(ImageFiles.read(file("plain.jpg", plain), 3));
    }

    @Test
    void missingEmptyAndFalseFilesAreNamed() throws IOException {
        Path missing = folder.resolve("missing.png");
        assertThatThrownBy(() -> ImageFiles.read(missing, 3))
                .isInstanceOf(DataException.class)
                .hasMessage(missing + ": expected an image, but there is no such file; check the path");
        Path empty = file("empty.png", new byte[0]);
        assertThatThrownBy(() -> ImageFiles.read(empty, 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(empty + ": expected an image, but the file is empty");
        Path text = Files.writeString(folder.resolve("text.png"), "No image here.\n");
        assertThatThrownBy(() -> ImageFiles.read(text, 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(text + ": is not an image");
        assertThatThrownBy(() -> ImageFiles.read(folder, 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder + ": ");
        assertThatThrownBy(() -> ImageFiles.read(text, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void manyThreadsReadAtOnce() throws IOException {
        Path file = file("a.jpg", encoded(noise(64, 64, 3).toBufferedImage(), "jpg"));
        Pixels expected = ImageFiles.read(file, 3);
        assertThat(IntStream.range(0, 200)
                        .parallel()
                        .allMatch(i -> ImageFiles.read(file, 3).equals(expected)))
                .isTrue();
    }

    @Test
    void imagesAreToldByTheirExtension() {
        assertThat(new String[] {
                    "a.png",
                    "b.JPG",
                    "c.d.Jpeg",
                    "e.bmp",
                    "f.GIF",
                    "g.jpe",
                    "h.jfif",
                    "i.WebP",
                    "j.tif",
                    "k.TIFF",
                    "l.ppm",
                    "m.pgm",
                    "n.pbm",
                    "o.pnm"
                })
                .allMatch(name -> ImageFiles.isImage(Path.of("folder", name)));
        assertThat(new String[] {
                    "png", "a.txt", "a.png.txt", "a.", "jpg/readme", "._a.png", ".hidden.png", ".png", "a.heic"
                })
                .noneMatch(name -> ImageFiles.isImage(Path.of("folder", name)));
        assertThat(ImageFiles.isImage(Path.of("/"))).isFalse();
    }
}
