package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    private Path directory;

    @Test
    void textIsWrittenInUtf8AndReplacesTheOldFile() throws IOException {
        Path file = directory.resolve("notes.txt");
        AtomicFile.writeText(file, "a longer text than the second");
        AtomicFile.writeText(file, "größer \ud83d\ude00\n");
        assertThat(Files.readString(file)).isEqualTo("größer \ud83d\ude00\n");
        AtomicFile.writeText(file, "");
        assertThat(file).isEmptyFile();
        assertThat(children()).containsExactly("notes.txt");
    }

    @Test
    void aTargetNeedsNoDirectoryInItsPath() throws IOException {
        Path file = Path.of("AtomicFileTest.tmp");
        try {
            AtomicFile.writeText(file, "here");
            assertThat(file).hasContent("here");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void contentSeesTheOldFileUntilItIsComplete() throws IOException {
        Path file = Files.writeString(directory.resolve("best.bin"), "old");
        AtomicFile.write(file, out -> {
            out.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
            assertThat(file).hasContent("old");
            assertThat(children()).hasSize(2);
        });
        assertThat(file).hasContent("new");
        assertThat(children()).containsExactly("best.bin");
    }

    @Test
    void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(directory.resolve("best.bin"), "old");
        IOException full = new IOException("no space\nleft");
        AtomicFile.Content failing = out -> {
            out.write(ByteBuffer.wrap(new byte[3]));
            throw full;
        };
        assertThatThrownBy(() -> AtomicFile.write(file, failing))
                .isInstanceOf(DataException.class)
                .hasMessage("cannot write " + file + ": no space left; the file that was there is unchanged")
                .hasCause(full);
        IllegalStateException gone = new IllegalStateException("gone");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    throw gone;
                }))
                .isSameAs(gone);
        assertThatThrownBy(() -> AtomicFile.writeText(file, "half \ud83d"))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("cannot write " + file, "not valid Unicode", "is unchanged");
        assertThat(file).hasContent("old");
        assertThat(children()).containsExactly("best.bin");
    }

    @Test
    void aMissingDirectoryIsNamed() throws IOException {
        Path lost = directory.resolve("missing").resolve("notes.txt");
        assertThatThrownBy(() -> AtomicFile.writeText(lost, "text"))
                .isInstanceOf(DataException.class)
                .hasMessage("cannot write " + lost + ": no such file or directory; nothing was written");
        assertThat(children()).isEmpty();
    }

    private List<String> children() throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.map(child -> child.getFileName().toString()).toList();
        }
    }
}
