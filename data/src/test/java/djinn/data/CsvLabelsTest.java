package djinn.data;

import static djinn.data.ImageFormatsTest.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of labels as spreadsheets and programs write them. */
class CsvLabelsTest {

    @TempDir
    private Path root;

    /** Rows of labels, each of an image of its own, in the encoding; the letter b goes on where none is given. */
    private Path csv(String header, String... rows) throws IOException {
        StringBuilder text = new StringBuilder(header);
        for (int i = 0; i < rows.length; i++) {
            Files.write(root.resolve(i + ".png"), new byte[] {1});
            text.append("\n").append(i).append(".png,").append(rows[i]);
        }
        return Files.writeString(root.resolve("labels.csv"), text);
    }

    private Splits read(String... labels) throws IOException {
        return CsvLabels.read(csv("file,label", labels), root, .5, 0);
    }

    @ParameterizedTest
    @CsvSource({"csv_lead0.csv, 01, 02", "csv_lead0b.csv, 00, 1", "csv_bom.csv, x, y", "csv_bomq.csv, x, y"})
    void everyRowOfTheCasesIsUsed(String name, String first, String second) {
        Path cases = resource("cases/L1_csv");
        Splits splits = CsvLabels.read(cases.resolve(name), cases.resolve("images"), .2, 0);
        assertThat(splits.classes()).containsExactly(first, second);
        int[] counts = new int[2];
        for (Dataset part : List.of(splits.train(), splits.validation())) {
            for (int i = 0; i < part.size(); i++) {
                counts[part.label(i)]++;
            }
        }
        assertThat(counts).containsExactly(5, 5);
    }

    @Test
    void anotherEncodingIsRefusedAndMergesNothing() {
        Path cases = resource("cases/L1_csv");
        Path latin = cases.resolve("csv_latin2.csv");
        assertThatThrownBy(() -> CsvLabels.read(latin, cases.resolve("images"), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(latin + ":2: expected UTF-8 text, found the byte E9")
                .hasMessageContaining("Windows-1252");
    }

    @Test
    void commasAreExpected() {
        Path cases = resource("cases/L1_csv");
        assertThatThrownBy(() -> CsvLabels.read(cases.resolve("csv_semi.csv"), cases.resolve("images"), .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the columns are [file;label]; expected commas between them");
    }

    @Test
    void numbersAreIndicesUnlessZerosLead() throws IOException {
        assertThat(read("0", "2", "2", "0", "10", "10").classes())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
        assertThat(read("0", "3", "3", "0").summary())
                .contains("1 training image in each class, but none in 2 of them (1, 2)");
        assertThat(read("00", "01", "10", "00", "01", "10").classes()).containsExactly("00", "01", "10");
        assertThat(read("007", "8", "007", "8").classes()).containsExactly("007", "8");
        assertThat(read("00000001", "2", "2", "00000001").classes()).containsExactly("00000001", "2");
        assertThat(read("7", "007", "bond", "bond", "7", "007").classes()).containsExactly("007", "7", "bond");
    }

    @ParameterizedTest
    @CsvSource({"0, 00", "007, 7", "1, 0001", "00, 000"})
    void oneNumberWrittenInTwoWaysIsRefused(String first, String second) {
        assertThatThrownBy(() -> read(first, "5", second, "5"))
                .isInstanceOf(DataException.class)
                .hasMessage(root.resolve("labels.csv") + ":4: the label '" + second + "' is the same number as '"
                        + first + "' before it; write it in one way, or as a name");
    }

    @Test
    void labelsThatLookTheSameAreOneClass() throws IOException {
        Splits splits = read("caf\u00E9", "cafe\u0301", "tea", "tea");
        assertThat(splits.classes()).containsExactly("caf\u00E9", "tea");
        assertThat(splits.summary())
                .contains("the label caf\u00E9 is written with its accents in different ways: it is one class");
    }

    @Test
    void partsHaveManyNames() throws IOException {
        Path csv = csv("file,label,split", "a,train", "b,Training", "a,valid", "b,validation", "a,test", "b,");
        Splits splits = CsvLabels.read(csv, root, .5, 0);
        assertThat(splits.train().size()).isEqualTo(3);
        assertThat(splits.validation().size()).isEqualTo(2);
        assertThat(splits.summary())
                .contains("1 rows say nothing in the column split and are taken for training")
                .contains("left out: 1 rows of the split test, as there is val");
        Splits tested = CsvLabels.read(csv("file,label,split", "a,train", "a,test"), root, .5, 0);
        assertThat(tested.validation().name(0)).isEqualTo("1.png");
        assertThat(tested.summary()).contains("validation images are the rows of the split test, as there is no val");
    }

    @Test
    void aWideEncodingIsNamed() throws IOException {
        Path csv = root.resolve("labels.csv");
        Files.write(csv, "file,label\n".getBytes(StandardCharsets.UTF_16));
        assertThatThrownBy(() -> CsvLabels.read(csv, root, .5, 0)).hasMessageContaining("found UTF-16");
    }
}
