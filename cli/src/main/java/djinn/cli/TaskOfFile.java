package djinn.cli;

import djinn.inference.ModelCard;
import djinn.ops.DataException;
import djinn.zoo.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which task a run, or a file of weights that one saved, is of. */
final class TaskOfFile {

    private static final String CLASSIFICATION = "classification";

    private TaskOfFile() {}

    /** Returns whether it is a classifier. */
    static boolean isClassification(Path given) {
        return of(given).equals(CLASSIFICATION);
    }

    /** Returns the task's name; classification where nothing says so, as in files from before there were others. */
    static String of(Path given) {
        Path file = Files.isDirectory(given) && Files.isRegularFile(given.resolve("recipe.yaml"))
                ? WeightSource.ofRun(given)
                : given;
        if (!file.toString().endsWith(".safetensors") || !Files.isRegularFile(file)) {
            return CLASSIFICATION;
        }
        try {
            return ModelCard.task(file);
        } catch (DataException e) {
            // whoever opens it tells what is wrong with it
            return CLASSIFICATION;
        }
    }
}
