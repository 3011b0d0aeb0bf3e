package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ContactSheetTest {

    private static final Preprocessing EIGHT =
            new Preprocessing(8, 8, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.CROP, 1);

    private static Pixels noise(int height, int width) {
        byte[] values = new byte[height * width];
        new SplittableRandom(5).nextBytes(values);
        return new Pixels(height, width, 1, values);
    }

    /** Reads the image of a column and a row back: cells of 160 pixels, 8 apart, of an 8x8 image 20 a pixel. */
    private static Pixels cell(BufferedImage sheet, int left, int row, int rows) {
        int top = sheet.getHeight() - (rows - row) * 168;
        byte[] values = new byte[64];
        for (int i = 0; i < 64; i++) {
            values[i] = (byte) sheet.getRGB(left + 20 * (i % 8) + 10, top + 20 * (i / 8) + 10);
        }
        return new Pixels(8, 8, 1, values);
    }

    @Test
    void everyColumnShowsItsDraws() {
        Pixels image = noise(8, 8);
        BufferedImage sheet =
                ContactSheet.of(image, EIGHT, List.of(new RandomHorizontalFlip(1), new RandomVerticalFlip(1)), 2, 1);
        Pixels flipped = RandomHorizontalFlip.flip(image);
        assertThat(sheet.getWidth()).isGreaterThanOrEqualTo(8 + 4 * 168);
        assertThat(cell(sheet, 8, 0, 2)).isEqualTo(image);
        assertThat(cell(sheet, 176, 0, 2)).isEqualTo(flipped);
        assertThat(cell(sheet, 176, 1, 2)).isEqualTo(flipped);
        // the last column: both, one after the other
        Pixels both = new RandomVerticalFlip(1).apply(flipped, 8, 8, new SplittableRandom(1));
        assertThat(cell(sheet, sheet.getWidth() - 168, 1, 2)).isEqualTo(both);
    }

    @Test
    void namesStandAboveTheColumns() {
        BufferedImage sheet = ContactSheet.of(noise(8, 8), EIGHT, List.of(new GaussianNoise(0.1)), 1, 1);
        for (int left : new int[] {8, 176}) {
            boolean ink = false;
            for (int y = 0; y < sheet.getHeight() - 168; y++) {
                for (int x = left; x < left + 40; x++) {
                    ink |= (sheet.getRGB(x, y) & 0xFF) < 100;
                }
            }
            assertThat(ink).isTrue();
        }
    }

    @Test
    void drawsDifferByRowAndSeedAndAreRepeatable() {
        List<Augmentation> noise = List.of(new GaussianNoise(0.1));
        Pixels image = noise(8, 8);
        BufferedImage sheet = ContactSheet.of(image, EIGHT, noise, 3, 1);
        assertThat(cell(sheet, 176, 0, 3)).isNotEqualTo(cell(sheet, 176, 1, 3));
        assertThat(cell(ContactSheet.of(image, EIGHT, noise, 3, 2), 176, 0, 3)).isNotEqualTo(cell(sheet, 176, 0, 3));
        assertThat(cell(ContactSheet.of(image, EIGHT, noise, 3, 1), 176, 2, 3)).isEqualTo(cell(sheet, 176, 2, 3));
    }

    @Test
    void cropsAreDrawnFromTheWholeImage() {
        // right of the centre that validation keeps, all is white
        byte[] values = new byte[8 * 24];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i % 24 < 16 ? 0 : 255);
        }
        RandomResizedCrop crop = new RandomResizedCrop(List.of(0.1, 0.3), List.of(1.0, 1.0));
        BufferedImage sheet = ContactSheet.of(new Pixels(8, 24, 1, values), EIGHT, List.of(crop), 10, 1);
        boolean white = false;
        for (int row = 0; row < 10; row++) {
            white |= cell(sheet, 176, row, 10).value(4, 4, 0) == 255;
        }
        assertThat(cell(sheet, 8, 0, 10)).isEqualTo(new Pixels(8, 8, 1, new byte[64]));
        assertThat(white).isTrue();
    }

    @Test
    void aSheetNeedsRows() {
        assertThatThrownBy(() -> ContactSheet.of(noise(8, 8), EIGHT, List.of(), 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected rows of at least 1, got 0");
    }
}
