package djinn.tasks;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.config.RecordBinder;
import djinn.config.Yaml;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.DivergedException;
import djinn.training.Goal;
import djinn.training.TrainingEvent.Ending;
import djinn.training.TrainingListener;
import djinn.training.recipe.Change;
import djinn.training.recipe.Recipe;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The runs of a {@link SweepPlan}, trained one after another, each in a folder of its own: {@code trial-001},
 * {@code trial-002} and so on beside {@code sweep.yaml} (the plan) and {@code sweep.csv}.
 *
 * <p>The table has a line per trial that was begun, in their order, and is written anew after each: {@code
 * trial,KEYS...,status,best_epoch,best_val_FIGURE,train_loss,val_loss,seconds,error}, the figure being that of the task's
 * goal and the losses those of the last epoch and the seconds those of all epochs. A trial that diverges or fails leaves the others be.
 *
 * <p>A sweep that was interrupted or killed goes on where it was: trials that are done or diverged stay as they are,
 * one in the middle goes on exactly, those that failed are tried again.
 */
public final class Sweep {

    private static final String PLAN = "sweep.yaml";
    private static final String TABLE = "sweep.csv";
    private static final RecordBinder BINDER = new RecordBinder(Map.of());

    private final Path folder;
    private final SweepPlan plan;
    private final List<Trial> trials;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
    private volatile TrainingRun current;
    private volatile boolean stopping;

    /** How a trial ended. */
    public enum Status {
        /** All epochs are done. */
        COMPLETED,
        /** Its patience ran out. */
        STOPPED_EARLY,
        /** It took as long as it may. */
        TIME_OVER,
        /** It was asked to stop. */
        INTERRUPTED,
        /** Its loss was no longer finite. */
        DIVERGED,
        /** It could not be trained or written. */
        FAILED;

        private static Status of(Ending ending) {
            return switch (ending) {
                case COMPLETED -> COMPLETED;
                case STOPPED_EARLY -> STOPPED_EARLY;
                case TIME_OVER -> TIME_OVER;
                case INTERRUPTED -> INTERRUPTED;
            };
        }

        private boolean isFinal() {
            return this == COMPLETED || this == STOPPED_EARLY || this == TIME_OVER || this == DIVERGED;
        }
    }

    /**
     * One run of the sweep.
     *
     * @param name its folder's name
     * @param values of the plan's keys
     * @param recipe what is trained
     */
    public record Trial(String name, List<String> values, Recipe recipe) {

        /** Copies the list. */
        public Trial {
            values = List.copyOf(values);
        }
    }

    /**
     * What came of a trial.
     *
     * @param trial the trial
     * @param status how it ended
     * @param bestEpoch the best epoch by the task's goal, from 1 on
     * @param best the validation figure of the goal there; empty if none tells
     * @param trainLoss of the last epoch
     * @param validationLoss of the last epoch
     * @param seconds of all epochs
     * @param error why it failed or diverged, in one line; else empty
     */
    public record Outcome(
            Trial trial,
            Status status,
            OptionalInt bestEpoch,
            OptionalDouble best,
            OptionalDouble trainLoss,
            OptionalDouble validationLoss,
            double seconds,
            String error) {}

    /** Is told of the events of each trial's training, and of the trials. */
    public interface Listener extends TrainingListener {

        /** A trial begins or goes on. */
        void begins(Trial trial);

        /** A trial ended. */
        void ended(Outcome outcome);
    }

    private Sweep(Path folder, SweepPlan plan, List<Trial> trials) {
        this.folder = folder;
        this.plan = plan;
        this.trials = trials;
    }

    /**
     * Prepares a new sweep, or to go on with one of the same plan.
     *
     * @param plan what is tried; every trial's recipe is read and checked
     * @param runs the folder of all runs
     * @param name the sweep's
     * @return the sweep, its folder made
     * @throws IllegalArgumentException if the name is no folder's, a recipe cannot be used, or the folder is that of a
     *     sweep with another plan or recipe
     * @throws DataException if files cannot be read or written, or the folder is of something else
     */
    public static Sweep open(SweepPlan plan, Path runs, String name) {
        if (!name.matches("[^/\\\\.][^/\\\\]*")) {
            throw new IllegalArgumentException("expected a plain folder name for the sweep, got '" + name + "'");
        }
        Path folder = runs.resolve(name);
        Sweep sweep = new Sweep(folder, plan, trials(plan));
        if (Files.exists(folder.resolve(PLAN))) {
            sweep.requireSamePlan();
            sweep.readOutcomes();
        } else {
            sweep.create();
        }
        return sweep;
    }

    /**
     * Prepares a sweep named after its recipe, as {@code digits-sweep}, or to go on with the one of the same plan; where
     * that name is taken by something else, a number is added.
     *
     * @param plan what is tried; every trial's recipe is read and checked
     * @param runs the folder of all runs
     * @return the sweep, its folder made
     * @throws IllegalArgumentException if a recipe cannot be used
     * @throws DataException if files cannot be read or written
     */
    public static Sweep open(SweepPlan plan, Path runs) {
        String stem = Path.of(plan.recipe()).getFileName().toString().replaceFirst("\\.ya?ml$", "") + "-sweep";
        List<Trial> trials = trials(plan);
        for (int number = 1; ; number++) {
            String name = number == 1 ? stem : stem + "-" + number;
            Path folder = runs.resolve(name);
            boolean same = Files.isRegularFile(folder.resolve(PLAN))
                    && new Sweep(folder, plan, trials).changes().isEmpty();
            if (same || !Files.exists(folder)) {
                return open(plan, runs, name);
            }
        }
    }

    /**
     * Prepares to go on with a sweep.
     *
     * @param folder its folder
     * @return the sweep
     * @throws DataException if it is not the folder of a sweep
     * @throws IllegalArgumentException if the recipe is no longer what it was
     */
    public static Sweep resume(Path folder) {
        Sweep sweep = new Sweep(folder, plan(folder), trials(plan(folder)));
        sweep.requireSamePlan();
        sweep.readOutcomes();
        return sweep;
    }

    /** Returns the folder. */
    public Path folder() {
        return folder;
    }

    /** Returns the plan. */
    public SweepPlan plan() {
        return plan;
    }

    /** Returns all trials in their order. */
    public List<Trial> trials() {
        return trials;
    }

    /** Returns what is known of the trials so far, the best first and those without a figure last. */
    public List<Outcome> ranking() {
        return outcomes.values().stream()
                .sorted(Comparator.comparingDouble(this::rank))
                .toList();
    }

    /** The less, the better; without a figure last. */
    private double rank(Outcome outcome) {
        double best = outcome.best.orElse(Double.NaN);
        return Double.isNaN(best) ? Double.POSITIVE_INFINITY : goal().rises() ? -best : best;
    }

    /** Returns which figure tells the best epoch and the best trial. */
    public Goal goal() {
        return trials.get(0).recipe.goal();
    }

    /**
     * Trains every trial that is not done.
     *
     * @param listener told of everything
     * @return whether all were gone through; false if the sweep was asked to stop
     * @throws DataException if the table cannot be written
     */
    public boolean run(Listener listener) {
        return run(listener, "");
    }

    /**
     * Trains every trial that is not done.
     *
     * @param listener told of everything
     * @param command the command line, for the logs of the trials; empty if there is none
     * @return whether all were gone through; false if the sweep was asked to stop
     * @throws DataException if the table cannot be written
     */
    public boolean run(Listener listener, String command) {
        for (Trial trial : trials) {
            Outcome earlier = outcomes.get(trial.name);
            // nothing is left of a trial that diverged before anything was saved
            if (earlier != null
                    && earlier.status.isFinal()
                    && (earlier.status == Status.DIVERGED || Files.isDirectory(folder.resolve(trial.name)))) {
                continue;
            }
            if (stopping) {
                return false;
            }
            listener.begins(trial);
            Outcome outcome = train(trial, listener, command);
            outcomes.put(trial.name, outcome);
            write();
            listener.ended(outcome);
            if (outcome.status == Status.INTERRUPTED) {
                return false;
            }
        }
        return true;
    }

    /** Asks the sweep to save the run it is at and end; from any thread. */
    public void stop() {
        stopping = true;
        TrainingRun run = current;
        if (run != null) {
            run.stop();
        }
    }

    private Outcome train(Trial trial, TrainingListener listener, String command) {
        try {
            Path path = folder.resolve(trial.name);
            // its own recipe may have more epochs by now
            TrainingRun run = Files.exists(path)
                    ? TrainingRun.resume(
                            RunFolder.open(path), Recipes.of(RunFolder.open(path), List.of()), List.of(listener))
                    : TrainingRun.start(trial.recipe, folder, trial.name, List.of(listener));
            current = run;
            if (!command.isEmpty()) {
                run.log("command: " + command);
            }
            if (stopping) {
                run.stop();
            }
            return outcome(trial, Status.of(run.fit()), "");
        } catch (DivergedException e) {
            return outcome(trial, Status.DIVERGED, message(e));
        } catch (RuntimeException e) {
            // the engine's own exceptions too, such as for shapes that do not fit: the other trials may fare better
            return outcome(trial, Status.FAILED, message(e));
        } finally {
            current = null;
        }
    }

    private Outcome outcome(Trial trial, Status status, String error) {
        Results results = new Results(folder.resolve(trial.name).resolve("results.csv"));
        Goal goal = goal();
        OptionalInt best = results.bestEpoch(goal);
        return new Outcome(
                trial,
                status,
                best,
                best.isEmpty() || goal.figure().isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(
                                results.column("val_" + goal.figure().get()).get(best.getAsInt() - 1)),
                last(results.column("train_loss")),
                last(results.column("val_loss")),
                results.column("seconds").stream()
                        .mapToDouble(Double::doubleValue)
                        .sum(),
                error);
    }

    private static OptionalDouble last(List<Double> column) {
        return column.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(column.get(column.size() - 1));
    }

    private static String message(RuntimeException e) {
        boolean meantForUsers =
                e instanceof DataException || e instanceof DivergedException || e instanceof IllegalArgumentException;
        String message =
                String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
        return meantForUsers ? message : e.getClass().getSimpleName() + ": " + message;
    }

    private static List<Trial> trials(SweepPlan plan) {
        List<String> keys = plan.keys();
        List<Trial> trials = new ArrayList<>();
        for (List<String> values : plan.combinations()) {
            List<String> overrides = new ArrayList<>(plan.set());
            for (int i = 0; i < keys.size(); i++) {
                overrides.add(keys.get(i) + "=" + values.get(i));
            }
            Recipe recipe = Recipes.read(Path.of(plan.recipe()), overrides);
            recipe.requireNames();
            String name = String.format(Locale.ROOT, "trial-%03d", trials.size() + 1);
            trials.add(new Trial(name, values, recipe));
        }
        return List.copyOf(trials);
    }

    private void create() {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new DataException(folder + ": expected a new folder or that of a sweep, with " + PLAN
                            + " in it, got one of something else; choose another name");
                }
            }
        } catch (IOException e) {
            throw new DataException("cannot create the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
        AtomicFile.writeText(folder.resolve(PLAN), BINDER.write(plan));
    }

    private static SweepPlan plan(Path folder) {
        Path file = folder.resolve(PLAN);
        if (!Files.isRegularFile(file)) {
            throw new DataException(folder + ": expected the folder of a sweep, with " + PLAN + " in it; "
                    + (Files.exists(folder) ? "it has none" : "there is no such folder"));
        }
        return BINDER.bind(Yaml.read(file), SweepPlan.class);
    }

    private void requireSamePlan() {
        List<String> changes = changes();
        if (!changes.isEmpty()) {
            throw new IllegalArgumentException(folder + " holds another sweep: " + String.join("; ", changes)
                    + "; go on with it as it was, or choose another name");
        }
    }

    /** What is not as it is in the folder. */
    private List<String> changes() {
        SweepPlan own = plan(folder);
        List<String> changes = new ArrayList<>();
        change(changes, "recipe", own.recipe(), plan.recipe());
        change(changes, "set", own.set(), plan.set());
        change(changes, "grid", own.grid(), plan.grid());
        change(changes, "random", own.random(), plan.random());
        change(changes, "trials", own.trials(), plan.trials());
        change(changes, "seed", own.seed(), plan.seed());
        for (Trial trial : trials) {
            Path run = folder.resolve(trial.name);
            if (changes.isEmpty()
                    && Files.exists(run)
                    && Change.between(
                                    Recipes.toYaml(Recipes.of(RunFolder.open(run), List.of())),
                                    Recipes.toYaml(trial.recipe))
                            .stream()
                            .anyMatch(change -> !change.isFree())) {
                changes.add(plan.recipe() + " is not what it was for " + trial.name);
            }
        }
        return changes;
    }

    private static void change(List<String> changes, String key, Object was, Object is) {
        if (!Objects.equals(was, is)) {
            changes.add(key + " was " + was + ", is " + is);
        }
    }

    private void readOutcomes() {
        Path file = folder.resolve(TABLE);
        if (!Files.exists(file)) {
            return;
        }
        Map<String, Trial> byName = new LinkedHashMap<>();
        trials.forEach(trial -> byName.put(trial.name, trial));
        try (CsvReader<NamedCsvRecord> csv = CsvReader.builder().ofNamedCsvRecord(file)) {
            csv.forEach(row -> {
                Status status = Status.valueOf(row.getField("status").toUpperCase(Locale.ROOT));
                Trial trial = Objects.requireNonNull(byName.get(row.getField("trial")), "a trial of the plan");
                outcomes.put(trial.name, outcome(trial, status, row.getField("error")));
            });
        } catch (IOException | RuntimeException e) {
            throw new DataException(file + ": cannot be read as the table of a sweep: " + e.getMessage(), e);
        }
    }

    private void write() {
        List<String> header = new ArrayList<>(List.of("trial"));
        header.addAll(plan.keys());
        header.addAll(List.of(
                "status",
                "best_epoch",
                "best_val_" + goal().figure().orElse("figure"),
                "train_loss",
                "val_loss",
                "seconds",
                "error"));
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder()
                .bufferSize(0)
                .lineDelimiter(LineDelimiter.LF)
                .build(text);
        csv.writeRecord(header);
        trials.stream()
                .map(trial -> outcomes.get(trial.name))
                .filter(Objects::nonNull)
                .forEach(outcome -> csv.writeRecord(row(outcome)));
        AtomicFile.writeText(folder.resolve(TABLE), text.toString());
    }

    private static List<String> row(Outcome outcome) {
        List<String> row = new ArrayList<>(List.of(outcome.trial.name));
        row.addAll(outcome.trial.values);
        row.add(outcome.status.name().toLowerCase(Locale.ROOT));
        row.add(outcome.bestEpoch.isEmpty() ? "" : Integer.toString(outcome.bestEpoch.getAsInt()));
        for (OptionalDouble figure : List.of(outcome.best, outcome.trainLoss, outcome.validationLoss)) {
            row.add(figure.isEmpty() ? "" : String.format(Locale.ROOT, "%.6f", figure.getAsDouble()));
        }
        row.add(String.format(Locale.ROOT, "%.3f", outcome.seconds));
        row.add(outcome.error);
        return row;
    }
}
