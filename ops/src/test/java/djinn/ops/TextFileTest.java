package djinn.ops;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {

    @TempDir
    private Path folder;

    private Path file(String text, Charset charset) throws IOException {
        return Files.write(folder.resolve("names.txt"), text.getBytes(charset));
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheText() throws IOException {
        assertThat(TextFile.read(file("\uFEFFcaf\u00E9", UTF_8))).isEqualTo("caf\u00E9");
        assertThat(TextFile.lines(file("\uFEFFa\r\n\r\n b \n\uFEFFc\rd", UTF_8)))
                .containsExactly("a", "b", "c", "d");
        assertThat(TextFile.lines(file("\uFEFF", UTF_8))).isEmpty();
        assertThat(TextFile.lines(new ByteArrayInputStream("\uFEFFa\r\nb\n\nc".getBytes(UTF_8)), "input"))
                .containsExactly("a", "b", "c");
    }

    @Test
    void otherEncodingsAreRefusedWithTheirLine() throws IOException {
        Path latin = file("file,label\na.png,caf\u00E9\nb.png,caf\u00E8\n", ISO_8859_1);
        assertThatThrownBy(() -> TextFile.read(latin))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(latin + ":2: expected UTF-8 text, found the byte E9 behind 'a.png,caf'")
                .hasMessageContaining("Windows-1252");
        // cut off within a letter
        byte[] cut = {'a', '\n', 'b', (byte) 0xC3};
        assertThatThrownBy(() -> TextFile.decode(cut, "cut.txt")).hasMessageStartingWith("cut.txt:2: ");
        Path wide = file("a\nb\n", UTF_16);
        assertThatThrownBy(() -> TextFile.read(wide))
                .hasMessageStartingWith(wide + ":1: expected UTF-8 text, found UTF-16");
        byte[] unmarked = "a\nb\n".getBytes(UTF_16LE);
        assertThatThrownBy(() -> TextFile.decode(unmarked, "wide.txt"))
                .hasMessageStartingWith("wide.txt:1: expected UTF-8 text, found a zero byte");
    }

    @Test
    void linesOfAStreamAreReadAsTheyAreAskedFor() {
        byte[] first = "a\n".getBytes(UTF_8);
        InputStream input = new InputStream() {
            private int at;

            @Override
            public int read() {
                throw new AssertionError("expected to be read as a block");
            }

            @Override
            public int read(byte[] to, int start, int length) throws IOException {
                if (at == first.length) {
                    throw new IOException("no more until the first is answered");
                }
                to[start] = first[at++];
                return 1;
            }
        };
        Iterator<String> lines = TextFile.lines(input, "input").iterator();
        assertThat(lines.next()).isEqualTo("a");
        assertThatThrownBy(lines::next)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no more until the first is answered");
        byte[] latin = {'a', '\n', 'b', (byte) 0xE9, '\n'};
        assertThatThrownBy(() -> TextFile.lines(new ByteArrayInputStream(latin), "standard input")
                        .toList())
                .hasMessageStartingWith("standard input:2: expected UTF-8 text");
    }

    @Test
    void whatIsMissingIsNamed() {
        Path missing = folder.resolve("missing.txt");
        assertThatThrownBy(() -> TextFile.read(missing))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(missing + ": ");
        assertThatThrownBy(() -> TextFile.read(folder))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder + ": ");
    }
}
