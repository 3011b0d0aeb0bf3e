package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in all formats against what Pillow 12.3 makes of them: turned upright, converted to RGB, stored as PNG. */
class ImageFormatsTest {

    static Path resource(String name) {
        try {
            return Path.of(ImageFormatsTest.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> files() throws IOException {
        try (Stream<Path> pillow = Files.list(resource("pillow"))) {
            List<String> made = pillow.filter(Files::isRegularFile)
                    .map(file -> "pillow/" + file.getFileName())
                    .sorted()
                    .toList();
            List<String> cases = List.of(
                    "cases/D2_other_formats/b/z.webp",
                    "cases/D2_other_formats/b/z.tif",
                    "cases/D2_other_formats/b/z.tiff",
                    "cases/D2_other_formats/b/z.ppm",
                    "cases/D2_other_formats/b/k3.jpe",
                    "cases/D2_other_formats/b/k4.jfif",
                    "cases/I1_exif/exif6.png",
                    "cases/I2_jfif_adobe0/adobe0_first_444.jpg",
                    "cases/I3_gif_offset/gif_offset.gif",
                    "cases/I3_gif_offset/gif_offset_local.gif");
            return Stream.concat(made.stream(), cases.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void filesAreReadAsPillowReadsThem(String name) {
        Path file = resource(name);
        Pixels expected = ImageFiles.read(resource("pillow/values/" + file.getFileName() + ".png"), 3);
        Pixels image = ImageFiles.read(file, 3);
        assertThat(image).hasToString(expected.toString());
        int most = 0;
        for (int i = 0; i < image.values().length; i++) {
            most = Math.max(most, Math.abs((image.values()[i] & 0xFF) - (expected.values()[i] & 0xFF)));
        }
        // four inks are rounded at other places
        assertThat(most).isLessThanOrEqualTo(name.contains("cmyk") ? 1 : 0);
        assertThat(ImageFiles.read(file, 1)).hasToString(image.height() + "x" + image.width() + "x1");
    }

    @Test
    void theBytesGivenAreLeftAsTheyAre() throws IOException {
        for (String name : List.of("pillow/adobejfif0_0.jpg", "pillow/icc.webp", "pillow/o7.jpg")) {
            byte[] contents = Files.readAllBytes(resource(name));
            byte[] before = contents.clone();
            ImageFiles.decode(contents, name, 3);
            assertThat(contents).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb_tiff_lzw.tif",
                "rgba_raw.tif",
                "lossless.webp",
                "lossy75.webp",
                "anim_off.webp",
                "a.ppm",
                "a.pbm",
                "plain.ppm",
                "g_off.gif",
                "o6.png",
                "bare0.jpg"
            })
    void whatIsCutOffIsRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(resource("pillow/" + name));
        for (int length : new int[] {12, whole.length / 2, whole.length - 8}) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ImageFiles.decode(cut, name, 3))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(name + ": ");
        }
    }

    @Test
    void whatCannotBeReadSaysWhy() throws IOException {
        byte[] tiff = Files.readAllBytes(resource("pillow/i16_raw.tif"));
        int compression = entry(tiff, 259);
        tiff[compression + 8] = (byte) 0x50;
        tiff[compression + 9] = (byte) 0xC3;
        assertThatThrownBy(() -> ImageFiles.decode(tiff, "zstd.tif", 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("zstd.tif: its TIFF compression, number 50000, is not read");
        tiff[compression + 8] = 1;
        tiff[compression + 9] = 0;
        tiff[entry(tiff, 258) + 8] = 32;
        assertThatThrownBy(() -> ImageFiles.decode(tiff, "wide.tif", 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("wide.tif: expected whole numbers of 8 or 16 bits");
        byte[] pam = "P7\nWIDTH 1\n".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> ImageFiles.decode(pam, "a.pam", 3))
                .hasMessageContaining(
                        "is not an image, expected the contents of a PNG, JPEG, BMP, GIF, WebP, TIFF or PNM");
        byte[] large = "P5 2 1 9\n\1\77".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> ImageFiles.decode(large, "a.pgm", 1)).hasMessageContaining("where 9 is the largest");
        byte[] enormous = "P5 70000 70000 255\n".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> ImageFiles.decode(enormous, "a.pgm", 1))
                .hasMessageContaining("at most 178956970 pixels");
    }

    /** Where a little-endian file's directory has a tag. */
    private static int entry(byte[] tiff, int tag) {
        int directory = (tiff[4] & 0xFF) | (tiff[5] & 0xFF) << 8 | (tiff[6] & 0xFF) << 16;
        for (int at = directory + 2; ; at += 12) {
            if (((tiff[at] & 0xFF) | (tiff[at + 1] & 0xFF) << 8) == tag) {
                return at;
            }
        }
    }
}
