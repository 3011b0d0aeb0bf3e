package djinn.tasks;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.DeviceName;
import djinn.ops.PyTorch;
import djinn.training.Csv;
import djinn.training.DivergedException;
import djinn.training.Goal;
import djinn.training.GrownLosses;
import djinn.training.Profile;
import djinn.training.SlowPrecision;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.TrainingListener;
import djinn.training.recipe.Change;
import djinn.training.recipe.Recipe;
import djinn.training.run.Charts;
import djinn.training.run.Provenance;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import djinn.training.run.TrainLog;
import djinn.training.track.TrackedRun;
import djinn.training.track.Trackers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A recipe, its task and its folder, ready to be trained: from code what {@code djinn train} is on the command line. */
public final class TrainingRun {

    private static final String RECIPE = "recipe.yaml";
    static final String PROVENANCE = "provenance.yaml";

    private final RunFolder folder;
    private final Recipe recipe;
    private final List<Change> changes;
    private final boolean fresh;
    private final Task<?> task;
    private final List<TrainingListener> listeners;
    private final Trackers trackers;
    private final Trainer trainer;
    private boolean hasBegun;
    private Optional<Profile> profile = Optional.empty();

    private TrainingRun(
            RunFolder folder,
            Recipe recipe,
            List<Change> changes,
            boolean fresh,
            Task<?> task,
            List<TrainingListener> listeners) {
        this.folder = folder;
        this.recipe = recipe;
        this.changes = changes;
        this.fresh = fresh;
        this.task = task;
        Results results = new Results(folder.results());
        List<TrainingListener> all = new ArrayList<>();
        all.add(event -> hasBegun |= event instanceof TrainingEvent.Started);
        all.add(this::keepChanges);
        all.add(new GrownLosses(this::tell));
        all.addAll(listeners);
        all.add(TrainLog.to(folder.file("train.log")));
        all.add(results);
        all.add(event -> draw(event, results));
        trackers = new Trackers(
                recipe.train().logTo(),
                new TrackedRun(
                        folder.path(), Recipes.toYaml(recipe), task.goal().figure(), System.getenv()),
                this::tell);
        all.add(trackers);
        this.listeners = List.copyOf(all);
        this.trainer = new Trainer(task, recipe, folder.path(), this.listeners);
    }

    /**
     * Prepares a new run.
     *
     * @param recipe what is trained
     * @param parent the folder of all runs
     * @param name the run's name; a number is added if it is taken
     * @param listeners told of every event before the folder's own
     * @return the run, its folder made
     * @throws DataException if the data or the weights to start from are missing or the folder cannot be made
     * @throws IllegalArgumentException if the model is unknown, or a device is not there
     */
    public static TrainingRun start(Recipe recipe, Path parent, String name, List<TrainingListener> listeners) {
        recipe.train().devicesHere();
        requireTrackers(recipe);
        Task<?> task = recipe.newTask();
        task.newModel();
        Map<String, String> files = new LinkedHashMap<>();
        files.putAll(task.files());
        files.put(PROVENANCE, Provenance.of(recipe, task).toYaml());
        files.put(RECIPE, Recipes.toYaml(recipe));
        RunFolder folder = RunFolder.create(parent, name, files);
        return new TrainingRun(folder, recipe, List.of(), true, task, listeners);
    }

    /**
     * Prepares to go on with a run. What of its recipe is changed is written into the folder when it goes on, and told in
     * its log and {@code provenance.yaml}.
     *
     * @param folder its folder
     * @param recipe the folder's recipe, or one that differs in {@link Change#freeKeys()} alone
     * @param listeners told of every event before the folder's own
     * @return the run
     * @throws DataException if the data is missing or has other classes, or the checkpoints are gone
     * @throws IllegalArgumentException if other keys differ, {@code model.weights} are not what the run began with, or a
     *     device is not there
     */
    public static TrainingRun resume(RunFolder folder, Recipe recipe, List<TrainingListener> listeners) {
        List<Change> changes = Change.between(Recipes.toYaml(Recipes.of(folder, List.of())), Recipes.toYaml(recipe));
        ResumedRecipe.require(folder, changes);
        requireTrackers(recipe);
        requireCheckpoint(folder);
        recipe.train().devicesHere();
        Task<?> task = recipe.newTask();
        task.requireSame(folder.path());
        return new TrainingRun(folder, recipe, changes, false, task, listeners);
    }

    private static void requireTrackers(Recipe recipe) {
        recipe.train().logTo().forEach(tracking -> tracking.require(System.getenv()));
    }

    /** A run of several epochs without its checkpoints is not to begin anew and write over what it reached. */
    private static void requireCheckpoint(RunFolder folder) {
        int epochs = new Results(folder.results()).size();
        Path last = folder.file("last");
        if (epochs > 1 && !Files.isDirectory(last)) {
            String best = folder.path().resolve("best.safetensors").toString();
            throw new DataException(last + ": expected the checkpoint of a run of " + epochs
                    + " epochs, found none; the run cannot go on exactly: start a new one"
                    + (Files.exists(Path.of(best)) ? " with --weights " + best : ""));
        }
    }

    /** Returns the folder. */
    public RunFolder folder() {
        return folder;
    }

    /** Returns which figure tells the best weights. */
    public Goal goal() {
        return task.goal();
    }

    /** Adds a line to the run's log. */
    public void log(String line) {
        TrainLog.append(folder.file("train.log"), line);
    }

    /**
     * Trains. Of a new run that ends before anything is saved, no folder is left; nor of one that goes through all once
     * ({@code train.fast_dev_run}), however it ends.
     *
     * @return why the run ended
     * @throws DivergedException if the loss is not finite
     * @throws DataException if data cannot be read or results cannot be written
     */
    public Ending fit() {
        try {
            Ending ending = tracked();
            if (recipe.train().fastDevRun() && ending != Ending.INTERRUPTED) {
                tell(new TrainingEvent.Noted(
                        "all was gone through once, and nothing of it is kept: " + String.join(", ", folder.names())));
            }
            leaveNothingUntrained();
            return ending;
        } catch (RuntimeException e) {
            try {
                if (!leaveNothingUntrained()) {
                    // a courtesy: if the disk is full, the failure that led here is what the user must see
                    log((isRefusal(e) ? "refused: " : "failed: ") + e.getMessage());
                }
            } catch (DataException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        }
    }

    /** Whether a run is as it was before it was asked to go on. */
    private boolean isRefusal(RuntimeException e) {
        return !fresh && !hasBegun && e instanceof IllegalArgumentException;
    }

    private Ending tracked() {
        try {
            SlowPrecision.note(recipe.train(), fresh).ifPresent(line -> tell(new TrainingEvent.Noted(line)));
            task.summary().forEach(line -> tell(new TrainingEvent.Noted(line)));
            log("trained on " + DeviceName.words(recipe.train().devicesHere()));
            Ending ending = trainer.fit();
            profile.ifPresent(measured ->
                    AtomicFile.writeText(folder.file("profile.csv"), Csv.of(Profile.COLUMNS, measured.rows())));
            return ending;
        } catch (RuntimeException e) {
            if (!isRefusal(e)) {
                trackers.failed(String.valueOf(e.getMessage()));
            }
            throw e;
        } finally {
            trackers.close();
        }
    }

    /**
     * Has the time of the training measured, and written into the folder as {@code profile.csv}.
     *
     * @return what will know where it went
     */
    public Profile measure() {
        Profile measured = new Profile();
        trainer.measure(measured);
        profile = Optional.of(measured);
        return measured;
    }

    /** Removes the folder of a new run of which nothing was saved, or is to be kept; whether it did. */
    private boolean leaveNothingUntrained() {
        if (!recipe.train().fastDevRun() && (!fresh || folder.isTrained())) {
            return false;
        }
        folder.remove();
        return true;
    }

    /** Asks the run to save and end after the step it is at; from any thread. */
    public void stop() {
        trainer.stop();
    }

    private void tell(TrainingEvent event) {
        listeners.forEach(listener -> listener.on(event));
    }

    /** Before the first step, so that the folder says what the run is, whatever becomes of it. */
    private void keepChanges(TrainingEvent event) {
        if (fresh || !(event instanceof TrainingEvent.Started started)) {
            return;
        }
        Path file = folder.file(PROVENANCE);
        Optional<Provenance> own = Provenance.read(file);
        List<Change> all = new ArrayList<>(changes);
        String data = task.dataFingerprint();
        own.filter(before -> !before.dataFingerprint().equals(data))
                .ifPresent(before -> all.add(new Change("data_fingerprint", before.dataFingerprint(), data)));
        int threads = PyTorch.threads();
        own.filter(before -> before.threads() != threads).ifPresent(before -> {
            all.add(new Change("threads", Integer.toString(before.threads()), Integer.toString(threads)));
            tell(new TrainingEvent.Warned("the run used " + before.threads() + " threads for an operation, now "
                    + threads + ": its last digits will not be those of an uninterrupted run; --threads "
                    + before.threads() + " keeps them"));
        });
        String devices = DeviceName.words(recipe.train().devicesHere());
        own.filter(before -> !before.devices().equals(devices)).ifPresent(before -> {
            all.add(new Change("devices", before.devices(), devices));
            tell(new TrainingEvent.Warned("the run was trained on " + before.devices() + ", now on " + devices
                    + ": its last digits will not be those of an uninterrupted run"
                    + (before.devices().split(",").length == devices.split(",").length
                            ? ""
                            : ", nor what it draws at random and the statistics of batch norm")));
        });
        if (all.isEmpty()) {
            return;
        }
        AtomicFile.writeText(folder.file(RECIPE), Recipes.toYaml(recipe));
        own.ifPresent(before -> before.with(TrainLog.now(), started.step(), all, threads, devices, data)
                .write(file));
        for (Change change : all) {
            tell(new TrainingEvent.Noted(change.key() + " was " + change.before() + ", is " + change.after()));
        }
    }

    private void draw(TrainingEvent event, Results results) {
        // an interrupted run has no last figures yet, and a runtime that is ending cannot start to draw
        if (!(event instanceof TrainingEvent.Ended ended) || ended.ending() == Ending.INTERRUPTED) {
            return;
        }
        try {
            task.perClass(ended.validation())
                    .ifPresent(table -> AtomicFile.writeText(folder.file("per_class.csv"), table.csv()));
            task.conclude(ended.validation(), folder.path());
            Charts.curves(results, OptionalInt.of(ended.bestEpoch() + 1), folder.file("curves.png"));
        } catch (LinkageError e) {
            // a Java runtime without fonts or without its desktop module
            String warning = "no pictures: this Java runtime cannot draw (" + e.getMessage() + ")";
            tell(new TrainingEvent.Warned(warning));
        }
    }
}
