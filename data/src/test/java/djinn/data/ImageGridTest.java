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
}
