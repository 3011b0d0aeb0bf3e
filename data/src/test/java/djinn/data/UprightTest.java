package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images as cameras and printers make them. */
class UprightTest {

    @TempDir
    private Path folder;

    /** Stored 16 high and 24 wide, in blocks of 8 that JPEG keeps: dark to bright along each row, then down. */
    private static byte[] steps() throws IOException {
        byte[] values = new byte[16 * 24];
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 24; x++) {
                values[24 * y + x] = (byte) (40 * (3 * (y / 8) + x / 8));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new Pixels(16, 24, 1, values).toBufferedImage(), "jpg", out);
        return out.toByteArray();
    }

    /** Splices an Exif segment in behind the start of a JPEG. */
    private static byte[] withOrientation(byte[] jpeg, int code, ByteOrder order) {
        ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 2 * 12 + 4).order(order);
        tiff.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
        tiff.putShort((short) 42).putInt(8).putShort((short) 2);
        // the width of the image, a tag to step over, and the orientation, a short
        tiff.putShort((short) 0x0100)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) 7)
                .putShort((short) 0);
        tiff.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) code)
                .putShort((short) 0);
        tiff.putInt(0);
        int length = 2 + 6 + tiff.capacity();
        return spliced(
                jpeg,
                new byte[] {(byte) 0xFF, (byte) 0xE1, (byte) (length >> 8), (byte) length},
                "Exif\0\0".getBytes(StandardCharsets.US_ASCII),
                tiff.array());
    }

    private static byte[] spliced(byte[] jpeg, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    /** The middles of the blocks, in steps of 40, row by row. */
    private static String blocks(Pixels image) {
        StringBuilder text = new StringBuilder();
        for (int y = 4; y < image.height(); y += 8) {
            for (int x = 4; x < image.width(); x += 8) {
                text.append(Math.round(image.value(y, x, 0) / 40.));
            }
            text.append(y + 8 < image.height() ? "/" : "");
        }
        return text.toString();
    }

    /** By what the first row and the first column of the stored image are, as the Exif standard counts. */
    @ParameterizedTest
    @CsvSource({
        "1, 012/345",
        "2, 210/543",
        "3, 543/210",
        "4, 345/012",
        "5, 03/14/25",
        "6, 30/41/52",
        "7, 52/41/30",
        "8, 25/14/03",
        "9, 012/345"
    })
    void photosComeTheRightWayUp(int code, String expected) throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            byte[] jpeg = withOrientation(steps(), code, order);
            byte[] before = jpeg.clone();
            Pixels image = ImageFiles.decode(jpeg, "photo", 1);
            assertThat(blocks(image)).isEqualTo(expected);
            assertThat(jpeg).isEqualTo(before);
            Path file = Files.write(folder.resolve("photo.jpg"), jpeg);
            assertThat(ImageFiles.read(file, 1)).isEqualTo(image);
        }
    }

    @Test
    void coloursTurnWithTheirPixels() throws IOException {
        BufferedImage halves = new BufferedImage(16, 8, BufferedImage.TYPE_3BYTE_BGR);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 16; x++) {
                halves.setRGB(x, y, x < 8 ? 0xFF0000 : 0x0000FF);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(halves, "jpg", out);
        Pixels turned = ImageFiles.decode(withOrientation(out.toByteArray(), 6, ByteOrder.BIG_ENDIAN), "photo", 3);
        assertThat(turned).hasToString("16x8x3");
        assertThat(turned.value(2, 4, 0)).isGreaterThan(200);
        assertThat(turned.value(2, 4, 2)).isLessThan(50);
        assertThat(turned.value(13, 4, 0)).isLessThan(50);
        assertThat(turned.value(13, 4, 2)).isGreaterThan(200);
    }

    @Test
    void damagedExifDataLeaveTheImageAsItIs() throws IOException {
        byte[] jpeg = withOrientation(steps(), 6, ByteOrder.BIG_ENDIAN);
        // the offset of the directory, far outside
        jpeg[2 + 4 + 6 + 4] = 0x7F;
        assertThat(blocks(ImageFiles.decode(jpeg, "photo", 1))).isEqualTo("012/345");
        byte[] noTiff = {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42};
        assertThat(Orientation.ofExif(noTiff, 0, noTiff.length)).isEmpty();
    }

    /** A JPEG of four inks, as printers have them: stored inverted, as the segment of Adobe's says, without which none is. */
    @Test
    void inksBecomeColours() throws IOException {
        // cyan, magenta, yellow and black, 8 pixels of each
        WritableRaster raster = Raster.createInterleavedRaster(java.awt.image.DataBuffer.TYPE_BYTE, 32, 8, 4, null);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 32; x++) {
                for (int band = 0; band < 4; band++) {
                    raster.setSample(x, y, band, x / 8 == band ? 0 : 255);
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(raster, null, null), null);
        } finally {
            writer.dispose();
        }
        byte[] adobe = {(byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
        byte[] jpeg = spliced(out.toByteArray(), adobe);
        Pixels image = ImageFiles.decode(jpeg, "print", 3);
        assertThat(image).hasToString("8x32x3");
        int[][] ideal = {{0, 255, 255}, {255, 0, 255}, {255, 255, 0}, {0, 0, 0}};
        for (int ink = 0; ink < 4; ink++) {
            for (int c = 0; c < 3; c++) {
                // real inks are no ideal ones: only which channel is dark is certain
                int value = image.value(4, 8 * ink + 4, c);
                if (ideal[ink][c] == 0) {
                    assertThat(value).as("ink %d, channel %d", ink, c).isLessThan(100);
                } else {
                    assertThat(value).as("ink %d, channel %d", ink, c).isGreaterThan(120);
                }
            }
        }
    }

    /** A PNG of 20,000 x 20,000, all in order but for its pixels, which are never looked at. */
    @Test
    void anEnormousImageIsRefusedByItsHeader() {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        byte[] header = ByteBuffer.allocate(13)
                .putInt(20_000)
                .putInt(20_000)
                .put((byte) 8)
                .put((byte) 2)
                .array();
        chunk(png, "IHDR", header);
        chunk(png, "IDAT", new byte[] {1, 2, 3});
        chunk(png, "IEND", new byte[0]);
        assertThatThrownBy(() -> ImageFiles.decode(png.toByteArray(), "huge.png", 3))
                .isInstanceOf(DataException.class)
                .hasMessage("huge.png: expected an image of at most 178956970 pixels, got 20000x20000; shrink it, or"
                        + " remove it if it is damaged");
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        png.writeBytes(name);
        png.writeBytes(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    @Test
    void wideAndIndexedImagesAreDecodedFromBytesToo() throws IOException {
        BufferedImage wide = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        wide.getRaster().setDataElements(0, 0, 2, 1, new short[] {0x1234, (short) 0xFFFF});
        BufferedImage indexed = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED);
        indexed.setRGB(0, 0, 0xFFFF0000);
        indexed.setRGB(1, 0, 0xFF0000FF);
        assertThat(ImageFiles.decode(png(wide), "wide", 1))
                .isEqualTo(new Pixels(1, 2, 1, new byte[] {0x12, (byte) 0xFF}));
        assertThat(ImageFiles.decode(png(indexed), "indexed", 3))
                .isEqualTo(new Pixels(1, 2, 3, new byte[] {(byte) 0xFF, 0, 0, 0, 0, (byte) 0xFF}));
        byte[] cut = Arrays.copyOf(png(indexed), 40);
        assertThatThrownBy(() -> ImageFiles.decode(cut, "image 3", 3))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("image 3: expected a whole PNG image");
    }

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
