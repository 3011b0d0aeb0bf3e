package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLabelsTest {

    @TempDir
    private Path root;

    private Splits read(String text) throws IOException {
        for (String name : new String[] {"a.png", "b.png", "c.png"}) {
            ImageIO.write(
                    new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY),
                    "png",
                    root.resolve(name).toFile());
        }
        Files.writeString(root.resolve("labels.jsonl"), text);
        return JsonLabels.read(root.resolve("labels.jsonl"), root, .5, 0);
    }

    @Test
    void aLineIsAnImage() throws IOException {
        Splits splits = read("""
                {"file": "a.png", "label": "pear", "split": "train"}

                {"file_name": "b.png", "label": "apple", "split": "Validation", "more": {"x": 1}}
                {"file": "c.png", "label": "apple", "split": "train"}
                """);
        assertThat(splits.classes()).containsExactly("apple", "pear");
        assertThat(splits.train().labels()).containsExactly(1, 0);
        assertThat(splits.validation().labels()).containsExactly(0);
        assertThat(splits.validation().name(0)).isEqualTo("b.png");
    }

    @Test
    void numbersAreIndicesAndWithoutSplitsAShareIsHeldOut() throws IOException {
        Splits splits = read("""
                {"file": "a.png", "label": 2}
                {"file": "b.png", "label": 2}
                {"file": "c.png", "label": 0}
                """);
        assertThat(splits.classes()).containsExactly("0", "1", "2");
        assertThat(splits.validation().labels()).containsExactly(2);
        assertThat(splits.notes())
                .containsExactly("50% of each class is held out of the rows, as there is no key split");
    }

    @Test
    void mistakesAreOneLineWithItsNumber() {
        assertThatThrownBy(() -> read("{\"file\": \"a.png\", \"label\": 1}\n{\"file\": \"b.png\"\n"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("labels.jsonl:2: expected a JSON object, got what is none");
        assertThatThrownBy(() -> read("{\"file\": \"a.png\", \"class\": 1}\n"))
                .hasMessageContaining(
                        "labels.jsonl:1: expected a text or a whole number at the key 'label'; the keys are [file, class]");
        assertThatThrownBy(() -> read("{\"file\": \"d.png\", \"label\": 1}\n"))
                .hasMessageContaining("labels.jsonl:1: there is no image ");
        assertThatThrownBy(() -> read("{\"file\": \"a.png\", \"label\": 1, \"split\": \"dev\"}\n"))
                .hasMessageContaining("labels.jsonl:1: expected split train, val or test, got 'dev'");
        assertThatThrownBy(() -> read("[1, 2]\n")).hasMessageContaining("expected a JSON object, got [1, 2]");
        assertThatThrownBy(() -> read("\n")).hasMessageContaining("expected a JSON object per image, found none");
    }
}
