package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.OnError;
import djinn.data.text.SentencePairs.Reading;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePairsTest {

    private static final Reading READING = new Reading(Optional.empty(), List.of("1", "2"), OnError.FAIL);
    private static final TextShares SHARES = new TextShares(.1, .2, 0);

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Two translations of each of a thousand sources. */
    private Path many() throws IOException {
        return file(
                "many.tsv",
                IntStream.range(0, 2000)
                        .mapToObj(i -> i % 1000 + "\t" + i + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void aFileIsAPart() throws IOException {
        SentencePairs pairs = SentencePairs.read(
                file("a.tsv", "Go.\tVa !\nHi.\tSalut !\n"),
                Optional.of(file("b.csv", "Run!,\"Cours, donc !\"\n")),
                Optional.empty(),
                READING,
                new TextShares(.5, 0, 0));
        assertThat(pairs.train()).containsExactly(new SentencePair("Go.", "Va !"), new SentencePair("Hi.", "Salut !"));
        assertThat(pairs.validation()).containsExactly(new SentencePair("Run!", "Cours, donc !"));
        assertThat(pairs.test()).isEmpty();
    }

    @Test
    void sharesKeepEqualSourcesTogether() throws IOException {
        SentencePairs pairs = SentencePairs.read(many(), Optional.empty(), Optional.empty(), READING, SHARES);
        assertThat(pairs.parts().stream().mapToInt(List::size).sum()).isEqualTo(2000);
        // 200 and 400 are expected; three standard deviations are 2 * 28 and 2 * 38
        assertThat(pairs.validation()).hasSizeBetween(144, 256);
        assertThat(pairs.test()).hasSizeBetween(324, 476);
        List<List<String>> sources = pairs.parts().stream()
                .map(part -> part.stream().map(SentencePair::source).distinct().toList())
                .toList();
        assertThat(sources.stream().mapToInt(List::size).sum()).isEqualTo(1000);
    }

    @Test
    void theSeedDecidesTheSharesAndTheFingerprintTells() throws IOException {
        SentencePairs first = SentencePairs.read(many(), Optional.empty(), Optional.empty(), READING, SHARES);
        SentencePairs again = SentencePairs.read(many(), Optional.empty(), Optional.empty(), READING, SHARES);
        SentencePairs other =
                SentencePairs.read(many(), Optional.empty(), Optional.empty(), READING, new TextShares(.1, .2, 1));
        assertThat(again).isEqualTo(first);
        assertThat(again.fingerprint()).isEqualTo(first.fingerprint()).isNotEqualTo(other.fingerprint());
    }

    @Test
    void numbersHaveNamesAndPartsOfTheirOwn() {
        SentencePairs pairs = SentencePairs.numberNames(SHARES);
        assertThat(pairs.parts().stream().mapToInt(List::size).sum()).isEqualTo(1000);
        assertThat(pairs.parts().stream().flatMap(List::stream))
                .contains(
                        new SentencePair("4 1 7", "four hundred seventeen"),
                        new SentencePair("0", "zero"),
                        new SentencePair("8 3 2", "eight hundred thirty two"));
    }

    @Test
    void tooFewAreRefused() throws IOException {
        Path one = file("one.tsv", "a\tb\n");
        assertThatThrownBy(() ->
                        SentencePairs.read(one, Optional.empty(), Optional.empty(), READING, new TextShares(0, 0, 0)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("one.tsv: expected pairs to learn from and to validate on, found 1 and 0");
        assertThatThrownBy(() -> new TextShares(.5, .5, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Reading(Optional.empty(), List.of("1"), OnError.FAIL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected two columns");
    }
}
