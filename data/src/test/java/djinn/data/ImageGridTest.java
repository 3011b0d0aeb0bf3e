package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageGridTest {

    private static Pixels grey(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(1, 2, 1, bytes);
    }

    @Test
    void imagesStandRowByRowWithTheMarginAroundEach(@TempDir Path folder) {
        Pixels grid = ImageGrid.of(List.of(grey(1, 2), grey(3, 4), grey(255, 6)), 2, 1);
        byte[] expected = {
            0, 0, 0, 0, 0, 0, 0, //
            0, 1, 2, 0, 3, 4, 0, //
            0, 0, 0, 0, 0, 0, 0, //
            0, -1, 6, 0, 0, 0, 0, //
            0, 0, 0, 0, 0, 0, 0
        };
        assertThat(grid).isEqualTo(new Pixels(5, 7, 1, expected));
        Path file = folder.resolve("grid.png");
        ImageGrid.write(grid, file);
        assertThat(ImageFiles.read(file, 1)).isEqualTo(grid);
    }

    @Test
    void coloursStayColours() {
        Pixels red = new Pixels(1, 1, 3, new byte[] {9, 8, 7});
        assertThat(ImageGrid.of(List.of(red, red), 3, 0))
                .isEqualTo(new Pixels(1, 3, 3, new byte[] {9, 8, 7, 9, 8, 7, 0, 0, 0}));
    }

    @Test
    void imagesOfSeveralSizesAreRefused() {
        assertThatThrownBy(() -> ImageGrid.of(List.of(grey(1, 2), new Pixels(1, 1, 1, new byte[1])), 2, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("1x2x1", "1x1x1");
        assertThatThrownBy(() -> ImageGrid.of(List.of(), 2, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSheetThatNobodyCanOpenIsRefusedAtItsFirstImage() {
        // 7071 rows and columns of 1x1 without a margin are 49,999,041 pixels, one row more is beyond 50 million
        ImageSheet.require(7071 * 7071, 7071, 0, 1, 1);
        ImageSheet sheet = new ImageSheet(7072 * 7071, 7071, 0);
        assertThatThrownBy(() -> sheet.add(new Pixels(1, 1, 1, new byte[1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected a sheet of at most 50000000 pixels, got 50006112 images of 1x1, which make 7071x7072;"
                                + " take fewer, or a file for each");
        assertThatThrownBy(() -> ImageSheet.require(Integer.MAX_VALUE, 1, 2, 1 << 20, 1 << 20))
                .hasMessageContaining("at most 50000000 pixels");
        ImageSheet one = new ImageSheet(1, 1, 0);
        assertThatThrownBy(one::picture).isInstanceOf(IllegalStateException.class);
        one.add(grey(1, 2));
        assertThatThrownBy(() -> one.add(grey(1, 2))).hasMessage("expected 1 images, got another");
    }
}
