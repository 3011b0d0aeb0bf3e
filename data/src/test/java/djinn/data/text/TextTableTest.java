package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.OnError;
import djinn.data.text.TextTable.Format;
import djinn.data.text.TextTable.Row;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTableTest {

    private static final List<String> PAIR = List.of("1", "2");

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    private static TextTable read(Path file, List<String> columns, OnError onError) {
        return TextTable.read(file, Optional.empty(), columns, onError);
    }

    private static TextTable read(Path file, List<String> columns) {
        return read(file, columns, OnError.FAIL);
    }

    @Test
    void tabsPartColumnsAndQuotesAreLetters() throws IOException {
        Path file = file("a.tsv", "\uFEFFGo.\tVa !\tby whom\r\n\n \"Hi\" \t\u201CSalut\u201D\n");
        TextTable table = read(file, PAIR);
        assertThat(table.rows())
                .containsExactly(
                        new Row(1, List.of("Go.", "Va !")), new Row(3, List.of("\"Hi\"", "\u201CSalut\u201D")));
        assertThat(table.leftOut()).hasToString("1 blank line (" + file + ":2)");
    }

    @Test
    void columnsComeInTheOrderAskedFor() throws IOException {
        assertThat(read(file("a.tsv", "a\tb\tc\n"), List.of("3", "1")).rows())
                .containsExactly(new Row(1, List.of("c", "a")));
        assertThat(read(file("b.tsv", "id\tfrench\tenglish\n1\tVa !\tGo.\n"), List.of("english", "french"))
                        .rows())
                .containsExactly(new Row(2, List.of("Go.", "Va !")));
    }

    @Test
    void csvQuotesHoldCommasQuotesAndLineFeeds() throws IOException {
        Path file = file("a.csv", "text,label\r\n\"a, \"\"b\"\"\",x\n\n\"two\nlines\",y\nlast,z");
        assertThat(read(file, List.of("text", "label")).rows())
                .containsExactly(
                        new Row(2, List.of("a, \"b\"", "x")),
                        new Row(4, List.of("two\nlines", "y")),
                        new Row(6, List.of("last", "z")));
    }

    @Test
    void jsonLinesHaveKeysOrPlaces() throws IOException {
        assertThat(read(file("a.jsonl", "{\"label\": 3, \"text\": \"caf\\u00e9\\n\"}\n"), List.of("text", "label"))
                        .rows())
                .containsExactly(new Row(1, List.of("caf\u00e9", "3")));
        assertThat(read(file("b.ndjson", "[\"a\", true]\n"), PAIR).rows())
                .containsExactly(new Row(1, List.of("a", "true")));
    }

    @Test
    void aFormatIsSaidWhereTheNameTellsNone() throws IOException {
        Path file = file("pairs.txt", "a\tb");
        assertThat(TextTable.read(file, Optional.of(Format.TSV), PAIR, OnError.FAIL)
                        .rows())
                .containsExactly(new Row(1, List.of("a", "b")));
        assertThatThrownBy(() -> read(file, PAIR))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("pairs.txt: expected a name that ends in one of .tsv, .tab, .csv");
    }

    @Test
    void aLineThatLacksSomethingIsRefusedWithItsNumber() throws IOException {
        assertThatThrownBy(() -> read(file("a.tsv", "a\tb\nc\n"), PAIR))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a.tsv:2: expected a column '2', found 1 column parted by tabs");
        assertThatThrownBy(() -> read(file("b.csv", "a,b\n\n,d\n"), PAIR))
                .hasMessageContaining("b.csv:3: expected a text in the column '1', found an empty one");
        assertThatThrownBy(() -> read(file("c.jsonl", "{\"a\": 1}\n{\"a\": null}\n"), List.of("a")))
                .hasMessageContaining("c.jsonl:2: expected a text as 'a', found NULL");
        assertThatThrownBy(() -> read(file("d.jsonl", "{\"a\": \n"), List.of("a")))
                .hasMessageContaining("d.jsonl:1: expected JSON, ")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> read(file("e.jsonl", "[1]\n"), List.of("a")))
                .hasMessageContaining("e.jsonl:1: expected a JSON object, found ARRAY");
    }

    @Test
    void suchLinesAreLeftOutAndCountedWhereOneSaysSo() throws IOException {
        Path file = file("a.tsv", "a\tb\nc\n\t\n\td\ne\tf\ng\n");
        TextTable table = read(file, PAIR, OnError.SKIP);
        assertThat(table.rows()).extracting(Row::line).containsExactly(1L, 5L);
        assertThat(table.leftOut())
                .hasToString("2 short lines (such as %s:2), 1 blank line (%s:3), 1 half-empty line (%s:4)"
                        .formatted(file, file, file));
    }

    @Test
    void aColumnThatIsNotThereIsNamedWithTheNearest() throws IOException {
        assertThatThrownBy(() -> read(file("a.tsv", "english\tfrench\na\tb\n"), List.of("english", "frensh")))
                .hasMessageContaining("a.tsv:1: there is no column 'frensh' in the first line, did you mean");
        assertThatThrownBy(() -> read(file("b.tsv", "\n"), List.of("english")))
                .hasMessageContaining("b.tsv: expected a line with the columns [english], found none");
        assertThatThrownBy(() -> read(file("c.tsv", "a\tb"), List.of("1", "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1, 1]");
    }

    @Test
    void aWrongByteIsNamedByFileAndLine() throws IOException {
        Path file = folder.resolve("latin.tsv");
        Files.write(file, "a\tb\ncaf\u00e9\td\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> read(file, PAIR))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("latin.tsv:2: expected UTF-8 text, found the byte E9 behind 'caf'");
    }

    @Test
    void aLineOfAHundredThousandLettersIsALine() throws IOException {
        String word = "x".repeat(100_000);
        for (String name : List.of("a.tsv", "a.csv")) {
            String parted = name.endsWith("csv") ? "," : "\t";
            assertThat(read(file(name, word + parted + word + "\n"), PAIR).rows())
                    .containsExactly(new Row(1, List.of(word, word)));
        }
    }

    @Test
    void lineFeedsAloneEndALine() throws IOException {
        assertThat(read(file("a.tsv", "a\u2028b\u0085\tc\n"), PAIR).rows())
                .containsExactly(new Row(1, List.of("a\u2028b\u0085", "c")));
    }
}
