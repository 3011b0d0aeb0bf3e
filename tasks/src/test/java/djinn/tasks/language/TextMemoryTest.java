package djinn.tasks.language;

import djinn.tasks.FlatMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings on texts, of other lengths in each batch, keep nothing of a step. */
class TextMemoryTest {

    private static final int STEPS = 3_000;

    private static final List<String> ALWAYS =
            List.of("train.batch_size=16", "train.epochs=1000", "train.val_every=50");

    /** 16 kB a step, of the hundreds that the least of these models works with. */
    private static final long MOST_KILOBYTES = 50_000;

    @TempDir
    private Path folder;

    private static Stream<List<String>> recipes() {
        return Stream.of(
                List.of("translation"),
                List.of("translation", "model={name: lstm, layers: 1, width: 32, hidden: 32}"),
                List.of("language_model"),
                List.of("language_model", "model={name: lstm, layers: 1, width: 32}"),
                List.of("masked_language_model"),
                List.of("text_classification"),
                List.of("embedding_of_words"));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    @Tag("slow")
    @EnabledOnOs(OS.LINUX)
    void threeThousandStepsTakeNoMoreThanThreeHundred(List<String> changed) {
        FlatMemory.assertFlat(changed, ALWAYS, folder, STEPS, MOST_KILOBYTES);
    }
}
