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
import java.util.stream.Stream;
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

    private static Tokenizer letters(String... special) {
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.CHARACTER, 50, 1, List.of(), Optional.empty(), List.of(special));
        return Tokenizer.of(training.train(Stream.of("abcdefghij")), "letters");
    }

    /** Three lines of 3, 1 and 4 characters and a line feed each: 11, of which 6 are before the last line. */
    @Test
    void linesAreDocumentsThatEnd() {
        Tokenizer tokenizer = letters("<pad>", "</s>");
        assertThat(tokenizer.end()).hasValue(1);

        TextSplits splits = TextSplits.of(List.of("abc\n \nd\nefgh"), "letters", tokenizer, Documents.LINES, .5, 0);

        int[] numbers = "abcdefgh"
                .chars()
                .map(c -> tokenizer.number(Character.toString(c)).getAsInt())
                .toArray();
        assertThat(splits.train()).isEqualTo(TokenSequence.of(numbers[0], numbers[1], numbers[2], 1, numbers[3], 1));
        assertThat(splits.validation()).isEqualTo(TokenSequence.of(numbers[4], numbers[5], numbers[6], numbers[7], 1));
        assertThat(splits.validationCharacters()).isEqualTo(5);
        assertThat(splits.summary()).contains("3 documents, </s> behind each", "left out: 1 blank line");
    }

    /** A file is one document, with its lines; where documents end tells texts of the same characters apart. */
    @Test
    void filesAreDocumentsThatEnd() {
        Tokenizer tokenizer = letters("<|endoftext|>");
        TextSplits splits = TextSplits.of(List.of("ab", "c", "de"), "letters", tokenizer, Documents.FILES, .4, 0);
        assertThat(tokenizer.decode(splits.train())).isEqualTo("abc");
        assertThat(splits.train().token(2)).isZero();
        assertThat(splits.train().token(4)).isZero();
        assertThat(splits.validationCharacters()).isEqualTo(2);
        assertThat(TextSplits.of(List.of("a", "bc", "de"), "letters", tokenizer, Documents.FILES, .4, 0)
                        .fingerprint())
                .isNotEqualTo(splits.fingerprint());
    }

    @Test
    void documentsWantAnEndAndEachPartOne() {
        assertThatThrownBy(() -> TextSplits.of(List.of("a\nb"), "x.txt", letters(), Documents.LINES, .5, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("x.txt: expected a tokenizer with a token that ends documents, </s>, <|endoftext|>, <eos>,"
                        + " [EOS], found none; 'djinn tokenizer train' makes one with --special '</s>'");
        assertThatThrownBy(() -> TextSplits.of(List.of("abc"), "x.txt", letters("</s>"), Documents.FILES, .1, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("x.txt: expected documents in each part, found 1 to learn from, 0 to validate on;"
                        + " take more documents, or larger fractions");
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
        Path whole = Files.writeString(folder.resolve("whole.txt"), "to be or not");
        assertThatThrownBy(() -> TextSplits.read(List.of(whole, empty), letters("</s>"), Documents.FILES, .1, 0))
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
