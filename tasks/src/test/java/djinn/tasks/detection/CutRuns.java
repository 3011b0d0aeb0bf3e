package djinn.tasks.detection;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.training.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs that stop in the middle, for tests. */
final class CutRuns {

    private CutRuns() {}

    /** Requires that a run which stops after a batch and goes on ends with the bytes of one that did not stop. */
    static void assertGoesOnToTheSameBytes(DetectionRecipe recipe, Path folder) {
        train(recipe, folder, "straight", 3);
        train(recipe, folder, "cut", 1);
        train(recipe, folder, "cut", 3);
        String checkpoint = "last/checkpoint.safetensors";
        assertThat(folder.resolve("cut").resolve(checkpoint))
                .hasSameBinaryContentAs(folder.resolve("straight").resolve(checkpoint));
    }

    /** Trains until a batch has been; as it goes on, if it has begun. */
    private static void train(DetectionRecipe recipe, Path folder, String name, int batches) {
        TrainingRun[] run = new TrainingRun[1];
        List<TrainingListener> stop = List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.batch() == batches) {
                run[0].stop();
            }
        });
        Path path = folder.resolve(name);
        run[0] = Files.exists(path)
                ? TrainingRun.resume(RunFolder.open(path), recipe, stop)
                : TrainingRun.start(recipe, folder, name, stop);
        run[0].fit();
    }
}
