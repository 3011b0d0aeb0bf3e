package djinn.training.run;

import ai.djl.engine.Engine;
import djinn.ops.DataException;
import djinn.training.ClassificationTask;
import djinn.training.DivergedException;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.TrainingListener;
import djinn.training.metric.ClassificationMetrics;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.RecordBinder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recipe, its task and its folder, ready to be trained: from code what {@code djinn train} is on the command line. */
public final class TrainingRun {

    private final RunFolder folder;
    private final ClassificationTask task;
    private final Trainer trainer;

    /** What made a run: written beside its results. */
    private record Provenance(
            String djinn, String djl, String engine, String java, String os, int threads, String dataFingerprint) {}

    private TrainingRun(RunFolder folder, Recipe recipe, ClassificationTask task, List<TrainingListener> listeners) {
        this.folder = folder;
        this.task = task;
        Results results = new Results(folder.results());
        List<TrainingListener> all = new ArrayList<>(listeners);
        all.add(TrainLog.to(folder.file("train.log")));
        all.add(results);
        all.add(event -> draw(event, results, all));
        this.trainer = new Trainer(task, recipe, folder.path(), all);
    }

    /**
     * Prepares a new run.
     *
     * @param recipe what is trained
     * @param parent the folder of all runs
     * @param name the run's name; a number is added if it is taken
     * @param listeners told of every event before the folder's own
     * @return the run, its folder made
     * @throws DataException if the data is missing or the folder cannot be made
     * @throws IllegalArgumentException if the model is unknown
     */
    public static TrainingRun start(Recipe recipe, Path parent, String name, List<TrainingListener> listeners) {
        ClassificationTask task = ClassificationTask.of(recipe);
        task.newModel();
        Map<String, String> files = new LinkedHashMap<>();
        files.put("labels.txt", String.join("\n", task.card().classes()) + "\n");
        files.put("provenance.yaml", provenance(task));
        files.put("recipe.yaml", recipe.toYaml());
        return new TrainingRun(RunFolder.create(parent, name, files), recipe, task, listeners);
    }

    /**
     * Prepares to go on with a run.
     *
     * @param folder its folder
     * @param recipe the folder's recipe, or one that differs in the number of epochs
     * @param listeners told of every event before the folder's own
     * @return the run
     * @throws DataException if the data is missing
     */
    public static TrainingRun resume(RunFolder folder, Recipe recipe, List<TrainingListener> listeners) {
        return new TrainingRun(folder, recipe, ClassificationTask.of(recipe), listeners);
    }

    /** Returns the folder. */
    public RunFolder folder() {
        return folder;
    }

    /**
     * Trains.
     *
     * @return why the run ended
     * @throws DivergedException if the loss is not finite
     * @throws DataException if data cannot be read or results cannot be written
     */
    public Ending fit() {
        try {
            return trainer.fit();
        } catch (DivergedException | DataException e) {
            logQuietly(e);
            throw e;
        }
    }

    /** Asks the run to save and end after the step it is at; from any thread. */
    public void stop() {
        trainer.stop();
    }

    private void draw(TrainingEvent event, Results results, List<TrainingListener> listeners) {
        // an interrupted run has no last figures yet, and a runtime that is ending cannot start to draw
        if (!(event instanceof TrainingEvent.Ended ended) || ended.ending() == Ending.INTERRUPTED) {
            return;
        }
        try {
            Charts.curves(results, folder.file("curves.png"));
            if (ended.validation() instanceof ClassificationMetrics metrics) {
                Charts.confusion(metrics.confusion(), task.card().classes(), folder.file("confusion_matrix.png"));
            }
        } catch (IOException e) {
            throw new DataException("cannot draw into " + folder.path() + ": " + e.getMessage(), e);
        } catch (LinkageError e) {
            // a Java runtime without fonts or without its desktop module
            String warning = "no pictures: this Java runtime cannot draw (" + e.getMessage() + ")";
            listeners.get(0).on(new TrainingEvent.Warned(warning));
        }
    }

    /** The log is a courtesy here: if the disk is full, the failure that led here is what the user must see. */
    private void logQuietly(RuntimeException failure) {
        try {
            TrainLog.append(folder.file("train.log"), "failed: " + failure.getMessage());
        } catch (DataException e) {
            failure.addSuppressed(e);
        }
    }

    private static String provenance(ClassificationTask task) {
        Engine engine = Engine.getEngine("PyTorch");
        String own = TrainingRun.class.getPackage().getImplementationVersion();
        return new RecordBinder(Map.of())
                .write(new Provenance(
                        own == null ? "development" : own,
                        Engine.getDjlVersion(),
                        engine.getEngineName() + " " + engine.getVersion(),
                        Runtime.version().toString(),
                        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors(),
                        task.dataFingerprint()));
    }
}
