package djinn.training.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines on disk, and how far they were handed on. */
class JournalTest {

    @TempDir
    private Path folder;

    private Journal open(List<String> known) {
        return new Journal(folder.resolve("lines"), known::add);
    }

    private static List<String> texts(Journal journal) {
        return journal.next().stream().map(Journal.Line::text).toList();
    }

    @Test
    void whatWasNotHandedOnIsThereAfterwards() {
        try (Journal journal = open(new ArrayList<>())) {
            journal.add("one");
            journal.add("zwei, ü");
            journal.add("three");
            journal.sent(journal.next().subList(0, 1));
            assertThat(journal.waiting()).isEqualTo(2);
        }
        List<String> known = new ArrayList<>();
        try (Journal journal = open(known)) {
            assertThat(known).containsExactly("one", "zwei, ü", "three");
            assertThat(journal.waiting()).isEqualTo(2);
            assertThat(texts(journal)).containsExactly("zwei, ü", "three");
            journal.add("four");
            journal.sent(journal.next());
            assertThat(journal.waiting()).isZero();
            assertThat(journal.next()).isEmpty();
            journal.rewind();
            assertThat(texts(journal)).containsExactly("one", "zwei, ü", "three", "four");
            assertThat(journal.waiting()).isEqualTo(4);
        }
    }

    @Test
    void halfALineIsCutOff() throws IOException {
        try (Journal journal = open(new ArrayList<>())) {
            journal.add("one");
        }
        Files.writeString(folder.resolve("lines"), "{\"half", StandardOpenOption.APPEND);
        try (Journal journal = open(new ArrayList<>())) {
            journal.add("two");
            assertThat(texts(journal)).containsExactly("one", "two");
            assertThat(journal.waiting()).isEqualTo(2);
        }
    }

    @Test
    void manyLinesComeInParts() {
        try (Journal journal = open(new ArrayList<>())) {
            for (int i = 0; i < 30_000; i++) {
                journal.add("line " + i + " of many, each of some length");
            }
            List<String> all = new ArrayList<>();
            int parts = 0;
            for (List<Journal.Line> part = journal.next(); !part.isEmpty(); part = journal.next()) {
                part.forEach(line -> all.add(line.text()));
                journal.sent(part);
                parts++;
            }
            assertThat(parts).isGreaterThan(1);
            assertThat(all).hasSize(30_000).doesNotHaveDuplicates();
            assertThat(all.get(29_999)).startsWith("line 29999 ");
        }
    }

    @Test
    void aMarkThatIsNoneIsRefused() throws IOException {
        Files.writeString(folder.resolve("lines.sent"), "many");
        assertThatThrownBy(() -> open(new ArrayList<>()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("0 sends all anew");
    }
}
