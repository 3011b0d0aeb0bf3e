package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFolderTest {

    @TempDir
    private Path folder;

    /** Images whose red is the label, green the row and blue the column. */
    private void write(String name, int coarse, int... labels) throws IOException {
        int extra = coarse < 0 ? 1 : 2;
        byte[] bytes = new byte[labels.length * (extra + 3072)];
        for (int n = 0; n < labels.length; n++) {
            int at = n * (extra + 3072);
            bytes[at] = (byte) coarse;
            bytes[at + extra - 1] = (byte) labels[n];
            for (int i = 0; i < 1024; i++) {
                bytes[at + extra + i] = (byte) labels[n];
                bytes[at + extra + 1024 + i] = (byte) (i >> 5);
                bytes[at + extra + 2048 + i] = (byte) (i & 31);
            }
        }
        Files.write(folder.resolve(name), bytes);
    }

    @Test
    void tenClassesInSeveralFiles() throws IOException {
        write("data_batch_1.bin", -1, 3, 9);
        write("data_batch_2.bin", -1, 0);
        write("test_batch.bin", -1, 7);
        Files.writeString(
                folder.resolve("batches.meta.txt"),
                "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");

        Splits splits = CifarFolder.read(folder);

        assertThat(splits.classes()).hasSize(10).contains("cat");
        assertThat(splits.train().labels()).containsExactly(3, 9, 0);
        assertThat(splits.validation().labels()).containsExactly(7);
        assertThat(splits.train().name(2)).isEqualTo("data_batch_2.bin image 0");
        Pixels image = splits.train().image(1, 3);
        assertThat(image.height()).isEqualTo(32);
        // row 2, column 5
        assertThat(image.values()).containsSequence(9, 2, 5, 9, 2, 6);
    }

    @Test
    void ofAHundredTheFineLabelCounts() throws IOException {
        write("train.bin", 4, 99, 50);
        write("test.bin", 4, 1);
        Splits splits = CifarFolder.read(folder);
        assertThat(splits.classes()).hasSize(100);
        assertThat(splits.train().labels()).containsExactly(99, 50);
        assertThat(splits.train().image(0, 3).values()).startsWith(99, 0, 0, 99, 0, 1);
    }

    @Test
    void damageIsNamed() throws IOException {
        assertThatThrownBy(() -> CifarFolder.read(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("data_batch_1.bin");
        write("data_batch_1.bin", -1, 3);
        assertThatThrownBy(() -> CifarFolder.read(folder)).hasMessageContaining("test_batch.bin");
        write("test_batch.bin", -1, 10);
        assertThatThrownBy(() -> CifarFolder.read(folder)).hasMessageContaining("found 10");
        Files.write(folder.resolve("test_batch.bin"), new byte[3000]);
        assertThatThrownBy(() -> CifarFolder.read(folder)).hasMessageContaining("3000 bytes");
        Files.writeString(folder.resolve("batches.meta.txt"), "cat\ndog\n");
        write("test_batch.bin", -1, 1);
        assertThatThrownBy(() -> CifarFolder.read(folder)).hasMessageContaining("found 2");
        assertThatThrownBy(() -> CifarFolder.read(folder.resolve("none"))).hasMessageContaining("nothing");
    }
}
