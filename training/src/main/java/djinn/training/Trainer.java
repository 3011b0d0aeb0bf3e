package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.WaitPolicy;
import djinn.training.Stopwatch.Part;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The training loop, whatever the task.
 *
 * <pre>
 * initialise the model from the seed or from weights, or go on from the newest checkpoint   -> Started
 * for each epoch:
 *   unfreeze what is trained from now on
 *   for each batch, in an order of (seed, epoch), or for the first of them:
 *     for each turn of the task that is due:
 *       reseed from (seed, batch); forward; the sum of the outcome's terms; backward; of several devices, each a share
 *       every accumulation_steps batches: clip; penalise; step at the schedule's rate; forget the gradients
 *     after a step: average the weights; tell the task
 *     if asked to stop: save a checkpoint                                   -> BatchEnded, Ended(INTERRUPTED)
 *     if the time is over: save a checkpoint; end the epoch here, for now   -> BatchEnded
 *                                                                           -> BatchEnded
 *   stop if a loss was not finite: looked at every few batches, and before anything is saved   -> LossesRead
 *   average the weights, learn batch norm's statistics for the average
 *   every val_every epochs, and at the end: validate the averaged weights, or the weights
 *     if it is the best so far: write best.safetensors; if it is among the best: write it to top/
 *                                                                           -> EpochWeights
 *                                                                           -> EpochEnded
 *   save a checkpoint; keep a copy every checkpoint_every epochs
 *   if patience ran out, or the time is over: stop
 * validate best.safetensors anew                                            -> Ended
 * </pre>
 *
 * <p>What is written depends on the recipe and the data alone: a run killed anywhere and resumed ends with the same
 * bytes as one that was not. Where the time is limited, it depends on how far that lets the run come; a run that goes on
 * with more time goes on in the middle of the epoch. A last batch of one example is left out where batch norm could not learn from it.
 */
public final class Trainer {

    private static final String MODEL = "model.";
    private static final String OPTIMIZER = "optimizer.";

    private final Task<?> task;
    private final Recipe recipe;
    private final Path run;
    private final List<TrainingListener> listeners;
    private Stopwatch stopwatch = Stopwatch.OFF;
    private final LongSupplier nanos;
    private volatile boolean stopping;

    /**
     * A trainer.
     *
     * @param task what is trained
     * @param recipe the seed, the optimizer, the schedule and the lengths
     * @param run the folder that checkpoints and best weights go to; made if there is none
     * @param listeners told of every event, in this order
     */
    public Trainer(Task<?> task, Recipe recipe, Path run, List<TrainingListener> listeners) {
        this(task, recipe, run, listeners, System::nanoTime);
    }

    /**
     * A trainer that has the time from somewhere else.
     *
     * @param task what is trained
     * @param recipe the seed, the optimizer, the schedule and the lengths
     * @param run the folder that checkpoints and best weights go to; made if there is none
     * @param listeners told of every event, in this order
     * @param nanos the time in nanoseconds since some moment, as {@link System#nanoTime}
     */
    public Trainer(Task<?> task, Recipe recipe, Path run, List<TrainingListener> listeners, LongSupplier nanos) {
        this.nanos = nanos;
        this.task = task;
        this.recipe = recipe;
        this.run = run;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Has the time of the training measured.
     *
     * @param asked told of each part that is done
     */
    public void measure(Stopwatch asked) {
        stopwatch = asked;
    }

    /** Asks the run to save a checkpoint and end after the step it is at; from any thread. */
    public void stop() {
        stopping = true;
    }

    /**
     * Trains from the newest checkpoint of the run folder, or from the start if it has none.
     *
     * @return why the run ended
     * @throws DivergedException if the loss is not finite
     * @throws DataException if data cannot be read, results cannot be written, or the checkpoint does not fit
     * @throws IllegalArgumentException if a device is not there, the figure of the task's goal or the one the schedule
     *     watches is none of its figures, more epochs are done than the recipe has, or the model cannot learn from batches of that size
     */
    public Ending fit() {
        return fit(task);
    }

    private <B extends Batch> Ending fit(Task<B> own) {
        List<Device> devices = recipe.train().devicesHere();
        stopwatch.start(devices);
        try (PyTorch.Scope here = PyTorch.on(devices.get(0));
                NDManager manager = PyTorch.newManager();
                WaitPolicy.Watch watch = WaitPolicy.watch();
                Fit<B> fit = new Fit<>(own, manager, devices)) {
            return fit.run();
        }
    }

    /**
     * Runs a model over held-out data. The engine's generator is seeded from a batch's place alone before each: where a
     * task draws at random, equal weights get equal figures.
     *
     * @param task the data and the figures
     * @param model all networks of the task
     * @param <B> what a batch is
     * @return the figures
     */
    public static <B extends Batch> Figures<B> validate(Task<B> task, NamedBlock model) {
        return validate(task, model, task.heldOut());
    }

    /**
     * Runs a model over data of one's choice, as {@link #validate(Task, NamedBlock)} does over held-out data.
     *
     * @param task the figures
     * @param model all networks of the task
     * @param data the examples
     * @param <B> what a batch is
     * @return the figures
     */
    public static <B extends Batch> Figures<B> validate(Task<B> task, NamedBlock model, Feed<B> data) {
        Figures<B> figures = task.newFigures();
        try (PyTorch.Scope here = PyTorch.on(model.device());
                Autograd.Scope off = Autograd.withoutGradients()) {
            HeldOutPass.over(
                    data, (batch, owner, pass) -> figures.add(batch, task.evaluate(model, batch, owner, pass)));
            task.evaluated(model, data, figures);
        }
        // nothing stays on the device
        figures.values();
        return figures;
    }

    private void tell(TrainingEvent event) {
        listeners.forEach(listener -> listener.on(event));
    }

    /** The state of one call of {@link #fit()}. */
    private final class Fit<B extends Batch> implements AutoCloseable {

        private final Train train = recipe.train();
        private final Checkpoints checkpoints = new Checkpoints(run);
        private final Task<B> task;
        private final Goal goal;
        private final BestWeights bestWeights;
        private final NDManager manager;
        private final Learner<B> learner;
        private final NamedBlock model;
        private final Optional<WeightAverage> average;
        private final ShownWeights shown;
        private final Validations<B> validations;
        private final int batches;
        private final LearningRates rates;
        private final TrainingTime time = new TrainingTime(recipe.train().maxTime(), nanos);
        private final UnreadLosses unread = new UnreadLosses();
        private long batchesHere;
        private double lr;
        private int warnedOf;
        private boolean isTimeOver;
        private boolean isConcluded;
        private Progress progress;

        /** What a checkpoint has of the figures of an unfinished epoch. */
        private Map<String, double[]> unfinished = Map.of();

        Fit(Task<B> task, NDManager manager, List<Device> devices) {
            this.task = task;
            this.manager = manager;
            goal = task.goal();
            bestWeights = new BestWeights(goal, run);
            List<String> figures = AskedFigures.require(task, recipe);
            createFolder();
            learner = new Learner<>(task, recipe, manager, devices, stopwatch);
            model = learner.model();
            validations = new Validations<>(task, figures, recipe, learner.feeds(), bestWeights, run, stopwatch);
            batches = learner.lone().batchesPerEpoch();
            learner.lone().require(batches);
            rates = new LearningRates(recipe, Batches.count(batches, train.accumulationSteps()));
            NDManager reading = manager.newSubManager();
            Optional<Checkpoints.Checkpoint> saved =
                    checkpoints.newest(reading, message -> tell(new TrainingEvent.Warned(message)));
            if (saved.isEmpty()) {
                bestWeights.withoutCheckpoint().ifPresent(line -> tell(new TrainingEvent.Warned(line)));
                task.startFrom(model).ifPresent(line -> tell(new TrainingEvent.Noted(line)));
            }
            average = WeightAverage.of(recipe, task, learner, manager);
            shown = new ShownWeights(model, average, MODEL);
            progress = Progress.start(task.dataFingerprint());
            saved.ifPresent(this::restore);
            reading.close();
            learner.idle(progress.epoch()).forEach(line -> tell(new TrainingEvent.Noted(line)));
            learner.lone().leftOut(batches).ifPresent(line -> tell(new TrainingEvent.Noted(line)));
        }

        private void createFolder() {
            try {
                Files.createDirectories(run);
            } catch (IOException e) {
                throw new DataException(
                        run + ": expected a folder to write the run into, and it cannot be made: "
                                + AtomicFile.reason(e),
                        e);
            }
        }

        Ending run() {
            // of an epoch that was concluded nothing is left to tell
            int begins = progress.epoch() + (isConcluded && progress.batch() > 0 ? 1 : 0);
            stopwatch.lap(Part.PREPARING);
            tell(new TrainingEvent.Started(
                    begins,
                    progress.step(),
                    train.lastEpoch(),
                    batches,
                    learner.feeds().heldOut().batchesPerEpoch(),
                    train.maxTime(),
                    model.parameterCount()));
            stopwatch.lap(Part.LISTENERS);
            if (isTimeOver && progress.batch() > 0 && !isConcluded) {
                concludeLate();
            } else if (isOver()) {
                tell(new TrainingEvent.Noted(end().told(run)));
            }
            while (!isOver()) {
                if (stopping || !epoch()) {
                    tell(new TrainingEvent.Ended(Ending.INTERRUPTED, progress.bestEpoch(), progress.step(), null));
                    return Ending.INTERRUPTED;
                }
            }
            recoverBest();
            // networks beside the product, which the file does not hold, are those last validated
            NamedBlock newest = shown.newest(progress);
            bestWeights.load(task.product(newest), manager);
            Metrics best = validate(task, newest, learner.feeds().heldOut());
            stopwatch.lap(Part.VALIDATION);
            Ending ending = end().ending();
            tell(new TrainingEvent.Ended(ending, progress.bestEpoch(), progress.step(), best));
            stopwatch.lap(Part.CONCLUDING);
            return ending;
        }

        private RunEnd end() {
            return new RunEnd(train, progress, isTimeOver, time.all());
        }

        private boolean isOver() {
            return end().isReached();
        }

        /** Trains and validates an epoch; false if it was interrupted. */
        private boolean epoch() {
            long epochStart = System.nanoTime();
            int epoch = progress.epoch();
            int batch = progress.batch();
            long step = progress.step();
            long examples = 0;
            List<String> changed = learner.begin(epoch);
            if (!changed.isEmpty()) {
                tell(new TrainingEvent.Noted("from epoch " + (epoch + 1) + " on " + changed.size()
                        + " more arrays are trained: " + Freezing.words(changed)));
            }
            lr = rates.at(epoch, step, progress.watched());
            try (Figures<B> figures = task.newFigures();
                    Batches<B> data = learner.feeds().training().batches(epoch, batch)) {
                if (!unfinished.isEmpty()) {
                    figures.merge(unfinished);
                    unfinished = Map.of();
                }
                while (data.hasNext() && batch < batches) {
                    boolean steps = (batch + 1) % train.accumulationSteps() == 0 || batch + 1 == batches;
                    try (B next = data.next()) {
                        stopwatch.lap(Part.DATA);
                        examples += next.size();
                        learn(next, epoch, batch, step, steps, figures);
                    }
                    batch++;
                    batchesHere++;
                    if (steps) {
                        step++;
                        long done = step;
                        average.ifPresent(weights -> weights.afterStep(done));
                        task.afterStep(model, step);
                        stopwatch.lap(Part.AFTER_STEP);
                    }
                    if (unread.areMany()) {
                        requireFiniteLosses(epoch, step);
                    }
                    tellOfBatch(epoch, batch, figures, speed(examples, epochStart));
                    stopwatch.lap(Part.LISTENERS);
                    isTimeOver |= steps && time.isOver();
                    boolean stops = stopping;
                    if (steps && (stops || isTimeOver) && batch < batches) {
                        requireFiniteLosses(epoch, step);
                        progress = progress.at(batch, step);
                        save(figures.state());
                        stopwatch.lap(Part.SAVING);
                        if (!stops) {
                            conclude(figures, speed(examples, epochStart), epochStart);
                        }
                        return !stops;
                    }
                }
                requireFiniteLosses(epoch, step);
                endEpoch(epoch, step, figures, speed(examples, epochStart), epochStart);
            }
            return !stopping || isOver();
        }

        /** Ends the epoch as far as it came: another sitting can go on in its middle. */
        private void conclude(Figures<B> figures, TrainingEvent.Speed speed, long epochStart) {
            int epoch = progress.epoch();
            tell(new TrainingEvent.Noted(end().toldOfPart(batches)));
            Map<String, double[]> state = figures.state();
            Validated validated = validated(progress.step(), false);
            tellOfEpoch(epoch, progress.step(), figures, Optional.of(validated), speed, epochStart);
            progress = validations.concluded(progress, validated);
            isConcluded = true;
            unfinished = state;
            save(state);
            stopwatch.lap(Part.SAVING);
        }

        /** Ends an epoch whose time was over when the process ended. */
        private void concludeLate() {
            try (Figures<B> figures = task.newFigures()) {
                figures.merge(unfinished);
                lr = rates.at(progress.epoch(), progress.step(), progress.watched());
                conclude(figures, new TrainingEvent.Speed(0, task.examples()), System.nanoTime());
            }
        }

        private Validated validated(long step, boolean isWhole) {
            int epoch = progress.epoch();
            NamedBlock weights = shown.after(epoch, isWhole);
            Validated validated = validations.make(
                    weights, progress, step, isWhole, (what, value) -> requireFinite(value, what, "", epoch, step, lr));
            tell(new TrainingEvent.EpochWeights(step, weights));
            stopwatch.lap(Part.LISTENERS);
            return validated;
        }

        /** Takes the turns that are due; whether they step or add to gradients of further batches. */
        private void learn(B batch, int epoch, int index, long step, boolean steps, Figures<B> figures) {
            boolean taken = learner.lone().take(batch);
            double rate = rates.at(epoch, step, progress.watched());
            for (Learner<B>.Side side : learner.sides()) {
                if (side.isDue(step)) {
                    if (taken) {
                        unread.add(side.name(), side.addGradients(batch, epoch, index, figures), step, lr);
                    }
                    if (steps) {
                        side.step(rate);
                    }
                }
            }
            lr = steps ? rate : lr;
        }

        private TrainingEvent.Speed speed(long examples, long since) {
            return new TrainingEvent.Speed(examples / seconds(since), task.examples());
        }

        private void requireFiniteLosses(int epoch, long step) {
            Map<String, List<Double>> losses = new LinkedHashMap<>();
            for (UnreadLosses.Loss loss : unread.read()) {
                String turn = loss.turn();
                String told = turn.isEmpty() ? "the loss became" : "the loss of the " + turn + " became";
                requireFinite(loss.value(), told, turn, epoch, loss.step(), loss.lr());
                losses.computeIfAbsent(turn, name -> new ArrayList<>()).add(loss.value());
            }
            tell(new TrainingEvent.LossesRead(step, lr, losses));
        }

        private void endEpoch(int epoch, long step, Metrics figures, TrainingEvent.Speed speed, long epochStart) {
            average.ifPresent(weights -> weights.afterEpoch(epoch));
            Optional<Validated> validated =
                    train.isValidated(epoch) || isTimeOver ? Optional.of(validated(step, true)) : Optional.empty();
            tellOfEpoch(epoch, step, figures, validated, speed, epochStart);
            progress =
                    validated.map(known -> validations.next(progress, known)).orElseGet(() -> progress.nextEpoch(step));
            isConcluded = isTimeOver;
            save(Map.of());
            if (train.checkpointEvery().isPresent()
                    && progress.epoch() % train.checkpointEvery().getAsInt() == 0) {
                checkpoints.keep(progress.epoch());
            }
            stopwatch.lap(Part.SAVING);
        }

        private void tellOfEpoch(
                int epoch,
                long step,
                Metrics figures,
                Optional<Validated> validated,
                TrainingEvent.Speed speed,
                long epochStart) {
            warnOfSkipped();
            tell(new TrainingEvent.EpochEnded(
                    epoch,
                    train.lastEpoch(),
                    step,
                    lr,
                    figures.values(),
                    validated.map(Validated::figures).orElse(Map.of()),
                    speed,
                    seconds(epochStart),
                    validated.filter(Validated::isBest).isPresent()
                            && goal.figure().isPresent()));
            stopwatch.lap(Part.LISTENERS);
        }

        private void requireFinite(double value, String what, String turn, int epoch, long step, double rate) {
            if (!Double.isFinite(value)) {
                boolean saved = progress.step() > 0;
                throw new DivergedException(what + " " + value + " at step " + (step + 1) + " of epoch " + (epoch + 1)
                        + " (learning rate " + rate + "); "
                        + (saved
                                ? "the checkpoint of step " + progress.step() + " is kept in " + run.resolve("last")
                                : "there was no checkpoint yet")
                        + "; try a lower optimizer.lr"
                        + (turn.isEmpty() ? "" : ", or lr of the optimizer of the " + turn + ",")
                        + " or train.clip_norm=1");
            }
        }

        private void tellOfBatch(int epoch, int batch, Metrics figures, TrainingEvent.Speed speed) {
            long done = (long) epoch * batches + batch;
            long left = (long) train.lastEpoch() * batches - done;
            tell(new TrainingEvent.BatchEnded(
                    epoch,
                    train.lastEpoch(),
                    batch,
                    batches,
                    figures::values,
                    speed,
                    Math.max(0, Math.min(left * time.here() / batchesHere, time.left()))));
        }

        private void warnOfSkipped() {
            Map<String, String> skipped = task.skipped();
            if (skipped.size() > warnedOf) {
                warnedOf = skipped.size();
                tell(new TrainingEvent.Warned("skipped " + skipped.size() + " unreadable " + task.examples()
                        + " so far: " + String.join("; ", skipped.values())));
            }
        }

        private void save(Map<String, double[]> figures) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            StateDict.of(model).forEach((name, array) -> arrays.put(MODEL + name, array));
            average.ifPresent(weights ->
                    weights.state().forEach((name, array) -> arrays.put(weights.prefix() + name, array)));
            learner.state().forEach((name, array) -> arrays.put(OPTIMIZER + name, array));
            if (time.isLimited()) {
                progress = progress.withTime(new Progress.Time(time.all(), isTimeOver, isConcluded));
            }
            checkpoints.save(progress, figures, arrays);
        }

        private void restore(Checkpoints.Checkpoint saved) {
            StateDict.load(model, saved.under(MODEL), "the checkpoint");
            average.ifPresent(weights -> weights.load(saved.under(weights.prefix())));
            Progress before = saved.progress();
            // at an epoch's start the optimizers are as the epoch before left them
            learner.begin(before.batch() > 0 ? before.epoch() : Math.max(0, before.epoch() - 1));
            learner.load(saved.under(OPTIMIZER));
            if (!saved.progress().dataFingerprint().equals(progress.dataFingerprint())) {
                tell(new TrainingEvent.Warned(
                        "the data is not what the run began with (other files, labels or order); it"
                                + " goes on, but not as it would have"));
            }
            unfinished = saved.figures();
            progress =
                    validations.restored(before).withPatience(train.patience().orElse(Integer.MAX_VALUE));
            restoreTime();
            if (progress.epoch() > train.epochs()) {
                throw new IllegalArgumentException("train.epochs: expected at least the " + progress.epoch()
                        + " epochs that are done, got " + train.epochs());
            }
            recoverBest();
        }

        private void restoreTime() {
            Progress.Time before = progress.time();
            progress = progress.withTime(null);
            if (before != null && time.isLimited()) {
                time.add(before.seconds());
                isTimeOver = before.over() && time.isOver();
                isConcluded = isTimeOver && before.concluded();
            }
        }

        /** Writes the best weights anew where somebody deleted or damaged them. */
        private void recoverBest() {
            Progress before = progress;
            progress = new BestRecovery<>(
                            task,
                            bestWeights,
                            checkpoints,
                            shown,
                            validations,
                            message -> tell(new TrainingEvent.Warned(message)))
                    .recover(before, isOver());
            if (!progress.equals(before) && progress.bestEpoch() >= 0) {
                save(unfinished);
            }
        }

        @Override
        public void close() {
            learner.close();
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
