package djinn.cli;

import djinn.inference.Answering;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.ops.DataException;
import djinn.tasks.Tasks;
import java.nio.file.Path;
import java.util.Optional;

/** Which task a run, or a file that one made, is of. */
final class TaskOfFile {

    /** What is meant where nothing says so. */
    static final String CLASSIFICATION = "classification";

    private TaskOfFile() {}

    /** Returns whether it is a classifier. */
    static boolean isClassification(Path given) {
        return of(given, Optional.empty()).equals(CLASSIFICATION);
    }

    /** Returns whether the models of a task answer in some way. */
    static boolean answers(String task, Class<? extends Answering> way) {
        return Tasks.answering(task).filter(way::isInstance).isPresent();
    }

    /** Returns the task's name; classification where nothing says so, as in files from before there were others. */
    static String of(Path given, Optional<Engine> engine) {
        try {
            return ModelFile.of(given, engine).task();
        } catch (DataException | IllegalArgumentException e) {
            // whoever opens it tells what is wrong with it
            return CLASSIFICATION;
        }
    }
}
