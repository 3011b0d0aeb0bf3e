package djinn.predict.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttentionPictureTest {

    @TempDir
    private Path folder;

    /** The cells of weight 1 have the darkest colour, along the diagonal of five read and three made tokens. */
    @Test
    void cellsAreAsDarkAsTheirWeights() throws IOException {
        Path file = folder.resolve("attention.png");
        AttentionPicture.draw(
                List.of("Where", "are", "##n't", "we", "</s>"),
                List.of("O\u00f9", "sommes-nous", "</s>"),
                new float[] {1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, .25f, .75f, 0},
                file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isGreaterThan(5 * 52);
        assertThat(image.getHeight()).isGreaterThan(3 * 52).isLessThan(600);
        long dark = IntStream.range(0, image.getWidth() * image.getHeight())
                .filter(i -> (image.getRGB(i % image.getWidth(), i / image.getWidth()) & 0xffffff) == 0x08306b)
                .count();
        // two cells of 52 by 52 less their lines, and a line of the scale
        assertThat(dark).isBetween(2 * 50 * 50L, 2 * 52 * 52 + 100L);
    }

    @Test
    void longSentencesFitAndNonsenseIsRefused() throws IOException {
        Path file = folder.resolve("long.png");
        List<String> tokens = IntStream.range(0, 120).mapToObj(i -> "token" + i).toList();
        AttentionPicture.draw(tokens, tokens.subList(0, 60), new float[120 * 60], file);
        assertThat(ImageIO.read(file.toFile()).getWidth()).isBetween(1000, 1600);
        assertThatThrownBy(() -> AttentionPicture.draw(tokens, List.of(), new float[0], file))
                .hasMessageContaining("0 made");
        assertThatThrownBy(() -> AttentionPicture.draw(List.of("a"), List.of("b"), new float[2], file))
                .hasMessageContaining("2 weights");
        assertThatThrownBy(() -> AttentionPicture.draw(List.of("a"), List.of("b"), new float[] {Float.NaN}, file))
                .hasMessageContaining("got NaN");
    }
}
