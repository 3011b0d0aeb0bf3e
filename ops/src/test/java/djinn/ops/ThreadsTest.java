package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadsTest {

    @AfterEach
    void forget() {
        System.clearProperty(Threads.PROPERTY);
    }

    @Test
    void whatIsAskedForCounts() {
        assertThat(Threads.asked()).isEmpty();
        System.setProperty(Threads.PROPERTY, "3");
        assertThat(Threads.asked()).hasValue(3);
        assertThat(Threads.limit()).hasValue(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", "", "1.5", "100000"})
    void otherThanANumberIsRefused(String asked) {
        System.setProperty(Threads.PROPERTY, asked);
        assertThatThrownBy(Threads::limit)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected threads as a number")
                .hasMessageContaining("'" + asked + "'");
    }

    @Test
    void theEngineUsesNoMoreThanTheRuntimeMay() {
        assertThat(PyTorch.threads()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    /** Processors 0 and 2 are one core's, processor 1 is another's. */
    @Test
    void processorsOfOneCoreCountOnce(@TempDir Path folder) throws IOException {
        for (String[] processor : new String[][] {{"0", "0,2"}, {"1", "1"}, {"2", "0,2"}}) {
            Path topology =
                    Files.createDirectories(folder.resolve("cpu" + processor[0]).resolve("topology"));
            Files.writeString(topology.resolve("thread_siblings_list"), processor[1] + "\n");
        }
        assertThat(Threads.cores(folder, new int[] {0, 1, 2})).isEqualTo(2);
        assertThatThrownBy(() -> Threads.cores(folder, new int[] {3})).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void thereAreNoMoreCoresThanTheRuntimeMayUse() {
        assertThat(Threads.cores().orElse(1)).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    @Test
    void readsListsAsLinuxWritesThem() {
        assertThat(Threads.numbers("0-3,8,10-11\n")).containsExactly(0, 1, 2, 3, 8, 10, 11);
        assertThat(Threads.numbers("0")).containsExactly(0);
        assertThatThrownBy(() -> Threads.numbers("all")).isInstanceOf(IllegalArgumentException.class);
    }
}
