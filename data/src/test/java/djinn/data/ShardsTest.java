package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {

    @TempDir
    private Path folder;

    private void files(String... names) throws IOException {
        for (String name : names) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), "");
        }
    }

    private Shards shards() {
        return Shards.of(folder.toString(), ".tar");
    }

    @Test
    void bracesAreRangesAndLists() {
        assertThat(Shards.expanded("a-{08..11}.tar")).containsExactly("a-08.tar", "a-09.tar", "a-10.tar", "a-11.tar");
        assertThat(Shards.expanded("{train,val}/{0..1}.tar"))
                .containsExactly("train/0.tar", "train/1.tar", "val/0.tar", "val/1.tar");
        assertThat(Shards.expanded("plain.tar")).containsExactly("plain.tar");
        assertThatThrownBy(() -> Shards.expanded("{5..2}"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected a range that rises");
        assertThatThrownBy(() -> Shards.expanded("{0..99999}{0..99999}"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected at most 100000 files");
    }

    @Test
    void namesTellTheParts() throws IOException {
        files("train-0.tar", "Validation_0.tar", "test.tar", "trainer.tar", "notes.txt");
        Shards shards = shards();
        assertThat(shards.train()).containsExactly(folder.resolve("train-0.tar"));
        assertThat(shards.heldOut()).containsExactly(folder.resolve("Validation_0.tar"));
        assertThat(shards.notes())
                .containsExactly(
                        "left out: 1 files of no part (such as trainer.tar)",
                        "left out: 1 files of the part test, as there is val");
    }

    @Test
    void withoutPartsAllAreToLearnFrom() throws IOException {
        files("00.tar", "01.tar");
        assertThat(shards().train()).hasSize(2);
        assertThat(shards().heldOut()).isEmpty();
    }

    @Test
    void testIsHeldOutWhereThereIsNoVal() throws IOException {
        files("data/train-00000-of-00001.tar", "data/test-00000-of-00001.tar");
        assertThat(shards().heldOut()).containsExactly(folder.resolve("data/test-00000-of-00001.tar"));
        assertThat(shards().folder()).isEqualTo(folder.resolve("data"));
    }

    @Test
    void whatIsMissingIsOneLine() throws IOException {
        assertThatThrownBy(this::shards).hasMessageContaining("expected files whose names end in .tar");
        assertThatThrownBy(() -> Shards.of(folder + "/none", ".tar"))
                .hasMessageContaining("expected a folder of .tar files, or one of them, found nothing there");
        files("val-0.tar", "val-1.tar");
        assertThatThrownBy(this::shards).hasMessageContaining("found those held out alone (val-0.tar)");
    }
}
