package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSplitsTest {

    @TempDir
    private Path folder;

    @Test
    void partsFollowEachOtherInTheText() {
        TextSplits splits = TextSplits.of("abcdefghijklmnopqrst", "letters", Optional.empty(), .1, .2);

        assertThat(splits.vocabulary().decode(splits.train())).isEqualTo("abcdefghijklmn");
        assertThat(splits.vocabulary().decode(splits.validation())).isEqualTo("op");
        assertThat(splits.vocabulary().decode(splits.test())).isEqualTo("qrst");
    }

    /** {@code int(.9 * len)} characters are learnt from, as the peer program has it. */
    @Test
    void withoutATestPartTheRestValidates() {
        TextSplits splits = TextSplits.of("x".repeat(1_115_394), "long", Optional.empty(), .1, 0);

        assertThat(splits.train().size()).isEqualTo(1_003_854);
        assertThat(splits.validation().size()).isEqualTo(1_115_394 - 1_003_854);
        assertThat(splits.test().size()).isZero();
    }

    @Test
    void filesAreOneTextInTheirOrder() throws IOException {
        Path first = Files.writeString(folder.resolve("1.txt"), "zwei\n");
        Path second = Files.writeString(folder.resolve("2.txt"), "drei\n");

        TextSplits splits = TextSplits.read(List.of(first, second), Optional.empty(), .5, 0);

        assertThat(splits.vocabulary().decode(splits.train())).isEqualTo("zwei\n");
        assertThat(splits.vocabulary().decode(splits.validation())).isEqualTo("drei\n");
        assertThat(splits.summary())
                .containsExactly(
                        "5 training and 5 validation characters, 7 different ones, from " + first + ", " + second);
    }

    @Test
    void theFingerprintTellsTextsAndCutsApart() {
        String text = "to be or not to be";
        String print = TextSplits.of(text, "a", Optional.empty(), .25, 0).fingerprint();

        assertThat(print)
                .hasSize(64)
                .isEqualTo(TextSplits.of(text, "b", Optional.empty(), .25, 0).fingerprint());
        assertThat(TextSplits.of(text, "a", Optional.empty(), .5, 0).fingerprint())
                .isNotEqualTo(print);
        assertThat(TextSplits.of("to be or not to bee", "a", Optional.empty(), .25, 0)
                        .fingerprint())
                .isNotEqualTo(print);
    }

    @Test
    void otherTextThanUtf8IsRefusedWithItsLine() throws IOException {
        Path file = Files.write(folder.resolve("latin.txt"), "a\nGrüße".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> TextSplits.read(List.of(file), Optional.empty(), .1, 0))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ":2: expected UTF-8 text");
    }

    @Test
    void whatCannotBeCutIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.txt"), "");

        assertThatThrownBy(() -> TextSplits.read(List.of(empty), Optional.empty(), .1, 0))
                .isInstanceOf(DataException.class)
                .hasMessage(empty + ": expected a text, found an empty one");
        assertThatThrownBy(() -> TextSplits.read(List.of(), Optional.empty(), .1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextSplits.of("abc", "abc", Optional.empty(), .5, .5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a validation fraction above 0 and a test fraction of at least 0, together below"
                        + " 1, got 0.5 and 0.5");
    }
}
