package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Whether a training keeps something of its steps. */
public final class FlatMemory {

    private static final int WARM_UP = 300;

    /** Of Java's own memory, what it takes anew is touched once before it is measured, so that it does not count later. */
    private static final int TOUCHED_MEGABYTES = 800;

    private FlatMemory() {}

    /**
     * Trains, and measures the process's memory after 300 steps and after some more.
     *
     * @param changed a tiny recipe's task, and what is set beside it, which gives it more steps than these
     * @param always what is set as well
     * @param folder of the run
     * @param more steps
     * @param most kilobytes that may be taken by these
     */
    public static void assertFlat(List<String> changed, List<String> always, Path folder, int more, long most) {
        Recipe recipe = Recipes.read(
                Path.of("../configs/" + changed.get(0) + "_tiny.yaml"),
                Stream.concat(changed.stream().skip(1), always.stream()).toList());
        long[] kilobytes = new long[2];
        int[] steps = new int[1];
        TrainingRun[] run = new TrainingRun[1];
        run[0] = TrainingRun.start(recipe, folder, "run", List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded) {
                steps[0]++;
                if (steps[0] == WARM_UP) {
                    kilobytes[0] = residentKilobytes();
                } else if (steps[0] == WARM_UP + more) {
                    kilobytes[1] = residentKilobytes();
                    run[0].stop();
                }
            }
        }));
        assertThat(run[0].fit()).isEqualTo(Ending.INTERRUPTED);
        System.out.printf(
                "%s: %d kB after %d steps, %d kB after %d%n",
                recipe.modelName(), kilobytes[0], WARM_UP, kilobytes[1], WARM_UP + more);
        assertThat(kilobytes[1] - kilobytes[0]).as("kB").isLessThan(most);
    }

    private static long residentKilobytes() {
        for (int i = 0; i < TOUCHED_MEGABYTES; i++) {
            assertThat(new byte[1 << 20]).isNotEmpty();
        }
        System.gc();
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
