package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelsTest {

    private static Pixels pixels(int height, int width, int channels, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(height, width, channels, bytes);
    }

    @Test
    void valuesAreUnsignedRowByRowWithChannelsInnermost() {
        Pixels image = pixels(2, 1, 3, 1, 2, 3, 253, 254, 255);
        assertThat(image.value(0, 0, 2)).isEqualTo(3);
        assertThat(image.value(1, 0, 0)).isEqualTo(253);
        assertThat(image.value(1, 0, 2)).isEqualTo(255);
        assertThatThrownBy(() -> image.value(0, 1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(image).hasToString("2x1x3");
    }

    @Test
    void sizesThatDoNotHoldAreRefused() {
        assertThatThrownBy(() -> pixels(2, 2, 1, 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 4 values for 2x2x1, got 3");
        assertThatThrownBy(() -> pixels(1, 1, 2, 1, 2)).hasMessage("expected 1 or 3 channels, got 2");
        assertThatThrownBy(() -> pixels(0, 1, 1)).hasMessageContaining("got 0x1");
    }

    @Test
    void equalityIsOfContents() {
        Pixels image = pixels(1, 3, 1, 1, 2, 3);
        assertThat(image).isEqualTo(pixels(1, 3, 1, 1, 2, 3)).hasSameHashCodeAs(pixels(1, 3, 1, 1, 2, 3));
        assertThat(image).isNotEqualTo(pixels(3, 1, 1, 1, 2, 3)).isNotEqualTo(pixels(1, 3, 1, 1, 2, 4));
        assertThat(image).isNotEqualTo(pixels(1, 1, 3, 1, 2, 3));
    }

    @Test
    void greyIsRepeatedAndColoursBecomeLuma() {
        assertThat(pixels(1, 2, 1, 7, 200).withChannels(3)).isEqualTo(pixels(1, 2, 3, 7, 7, 7, 200, 200, 200));
        // 0.299 x 255 = 76.2, 0.587 x 255 = 149.7, 0.114 x 255 = 29.1
        assertThat(pixels(1, 5, 3, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 9, 9, 9)
                        .withChannels(1))
                .isEqualTo(pixels(1, 5, 1, 76, 150, 29, 255, 9));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR
            })
    void everyLayoutOfColoursGivesTheSameValues(int type) {
        BufferedImage image = new BufferedImage(2, 1, type);
        image.setRGB(0, 0, 0xFF0A1420);
        image.setRGB(1, 0, 0xFFFAF0C8);
        assertThat(Pixels.of(image, 3)).isEqualTo(pixels(1, 2, 3, 10, 20, 32, 250, 240, 200));
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_4BYTE_ABGR})
    void alphaIsDropped(int type) {
        BufferedImage image = new BufferedImage(2, 1, type);
        image.setRGB(0, 0, 0x000A1420);
        image.setRGB(1, 0, 0x80FAF0C8);
        assertThat(Pixels.of(image, 3)).isEqualTo(pixels(1, 2, 3, 10, 20, 32, 250, 240, 200));
    }

    @Test
    void greyIsReadAsStored() {
        BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        byte[] ramp = new byte[256];
        for (int i = 0; i < 256; i++) {
            ramp[i] = (byte) i;
        }
        image.getRaster().setDataElements(0, 0, 256, 1, ramp);
        Pixels expected = new Pixels(1, 256, 1, ramp);
        assertThat(Pixels.of(image, 1)).isEqualTo(expected);
        assertThat(Pixels.of(image, 3)).isEqualTo(expected.withChannels(3));
    }

    @Test
    void ofSixteenBitsTheUpperEightAreKept() {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setDataElements(0, 0, 3, 1, new short[] {0x00FF, 0x7F80, (short) 0xFFFF});
        assertThat(Pixels.of(image, 1)).isEqualTo(pixels(1, 3, 1, 0, 0x7F, 0xFF));
    }

    @Test
    void aPaletteIsLookedUp() {
        byte[] red = {0, 100};
        byte[] green = {10, 50};
        byte[] blue = {20, (byte) 200};
        BufferedImage image =
                new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue));
        image.getRaster().setSample(1, 0, 0, 1);
        assertThat(Pixels.of(image, 3)).isEqualTo(pixels(1, 2, 3, 0, 10, 20, 100, 50, 200));
    }

    @Test
    void aPartOfAnImageIsReadFromItsPlace() {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setDataElements(0, 0, 3, 2, new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(Pixels.of(image.getSubimage(1, 1, 2, 1), 1)).isEqualTo(pixels(1, 2, 1, 5, 6));
    }

    @Test
    void imagesSurviveTheWayThroughBufferedImages() {
        Pixels grey = pixels(2, 3, 1, 0, 50, 100, 150, 200, 255);
        assertThat(Pixels.of(grey.toBufferedImage(), 1)).isEqualTo(grey);
        Pixels colours = pixels(2, 1, 3, 1, 2, 3, 253, 254, 255);
        assertThat(Pixels.of(colours.toBufferedImage(), 3)).isEqualTo(colours);
        assertThat(colours.toBufferedImage().getRGB(0, 1)).isEqualTo(0xFFFDFEFF);
    }
}
