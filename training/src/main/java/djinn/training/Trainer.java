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
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The training loop, whatever the task.
 *
 * <pre>
 * initialise the model from the seed or from weights, or go on from the newest checkpoint   -> Started
 * for each epoch:
 *   for each batch, in an order of (seed, epoch):
 *     for each turn of the task that is due:
 *       reseed from (seed, batch); forward; the sum of the outcome's terms; backward; of several devices, each a share
 *       every accumulation_steps batches: clip; penalise; step at the schedule's rate; forget the gradients
 *     after a step: average the weights; tell the task
 *     if asked to stop: save a checkpoint                                   -> BatchEnded, Ended(INTERRUPTED)
 *                                                                           -> BatchEnded
 *   stop if a loss was not finite: looked at every few batches, and before anything is saved
 *   average the weights, learn batch norm's statistics for the average
 *   validate the averaged weights, or the weights
 *   if it is the best so far: write best.safetensors                        -> EpochEnded
 *   save a checkpoint; keep a copy every checkpoint_every epochs
 *   if patience ran out: stop
 * validate best.safetensors anew                                            -> Ended
 * </pre>
 *
 * <p>What is written depends on the recipe and the data alone: a run killed anywhere and resumed ends with the same
 * bytes as one that was not. A last batch of one example is left out where batch norm could not learn from it.
 */
public final class Trainer {

    private static final String MODEL = "model.";
    private static final String OPTIMIZER = "optimizer.";

    private final Task<?> task;
    private final Recipe recipe;
    private final Path run;
    private final List<TrainingListener> listeners;
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
        this.task = task;
        this.recipe = recipe;
        this.run = run;
        this.listeners = List.copyOf(listeners);
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
        try (PyTorch.Scope here = PyTorch.on(model.device())) {
            HeldOutPass.over(
                    data, (batch, owner, pass) -> figures.add(batch, task.evaluate(model, batch, owner, pass)));
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
        private final int batches;
        private final LearningRates rates;
        private final long startTime = System.nanoTime();
        private final UnreadLosses unread = new UnreadLosses();
        private long batchesHere;
        private double lr;
        private int warnedOf;
        private Progress progress;

        /** What a checkpoint has of the figures of an unfinished epoch. */
        private Map<String, double[]> unfinished = Map.of();

        Fit(Task<B> task, NDManager manager, List<Device> devices) {
            this.task = task;
            this.manager = manager;
            goal = task.goal();
            bestWeights = new BestWeights(goal, run);
            requireFigures();
            createFolder();
            learner = new Learner<>(task, recipe, manager, devices);
            model = learner.model();
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
            progress = Progress.start(task.dataFingerprint());
            saved.ifPresent(this::restore);
            reading.close();
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

        private void requireFigures() {
            List<String> figures = task.newFigures().figures();
            goal.figure().filter(name -> !figures.contains(name)).ifPresent(name -> {
                throw new IllegalArgumentException(
                        "the task's goal: there is no figure '" + name + "', expected one of " + figures);
            });
            if (goal.figure().isEmpty() && train.patience().isPresent()) {
                throw new IllegalArgumentException(
                        "train.patience: expected a task whose goal is a figure, got one that keeps the newest weights;"
                                + " leave patience out");
            }
            recipe.schedule().watches().filter(name -> !figures.contains(name)).ifPresent(name -> {
                throw new IllegalArgumentException(
                        "schedule.metric: there is no figure '" + name + "', expected one of " + figures);
            });
        }

        Ending run() {
            tell(new TrainingEvent.Started(progress.epoch(), progress.step(), train.epochs(), model.parameterCount()));
            if (isOver()) {
                tell(new TrainingEvent.Noted(over()));
            }
            while (!isOver()) {
                if (stopping || !epoch()) {
                    tell(new TrainingEvent.Ended(Ending.INTERRUPTED, progress.bestEpoch(), progress.step(), null));
                    return Ending.INTERRUPTED;
                }
            }
            Ending ending = progress.stoppedEarly() ? Ending.STOPPED_EARLY : Ending.COMPLETED;
            recoverBest();
            // networks beside the product, which the file does not hold, are those last validated
            NamedBlock shown = shown(progress.epoch() - 1);
            bestWeights.load(task.product(shown), manager);
            Metrics best = validate(task, shown);
            tell(new TrainingEvent.Ended(ending, progress.bestEpoch(), progress.step(), best));
            return ending;
        }

        private boolean isOver() {
            return progress.epoch() >= train.epochs() || progress.stoppedEarly();
        }

        /** Says that nothing is left to train, and what would go on. */
        private String over() {
            int epochs = train.epochs();
            String done = run + " is done: " + progress.epoch() + " of " + epochs + " epochs";
            return progress.stoppedEarly()
                    ? done + ", none better for " + progress.epochsSinceBest() + "; --set train.patience="
                            + 2 * progress.epochsSinceBest() + " goes on"
                    : done + "; --set train.epochs=" + (epochs + Math.max(1, epochs / 5)) + " goes on";
        }

        /** Trains and validates an epoch; false if it was interrupted. */
        private boolean epoch() {
            long epochStart = System.nanoTime();
            int epoch = progress.epoch();
            int batch = progress.batch();
            long step = progress.step();
            long examples = 0;
            lr = rates.at(epoch, step, progress.watched());
            try (Figures<B> figures = task.newFigures();
                    Batches<B> data = task.training().batches(epoch, batch)) {
                if (!unfinished.isEmpty()) {
                    figures.merge(unfinished);
                    unfinished = Map.of();
                }
                while (data.hasNext() && batch < batches) {
                    boolean steps = (batch + 1) % train.accumulationSteps() == 0 || batch + 1 == batches;
                    try (B next = data.next()) {
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
                    }
                    if (unread.areMany()) {
                        requireFiniteLosses(epoch);
                    }
                    tellOfBatch(epoch, batch, figures, speed(examples, epochStart));
                    if (steps && stopping && batch < batches) {
                        requireFiniteLosses(epoch);
                        progress = progress.at(batch, step);
                        save(figures.state());
                        return false;
                    }
                }
                requireFiniteLosses(epoch);
                endEpoch(epoch, step, figures, speed(examples, epochStart), epochStart);
            }
            return !stopping || progress.epoch() == train.epochs() || progress.stoppedEarly();
        }

        /** Takes the turns that are due; whether they step or add to gradients of further batches. */
        private void learn(B batch, int epoch, int index, long step, boolean steps, Figures<B> figures) {
            boolean taken = learner.lone().take(batch);
            double rate = rates.at(epoch, step, progress.watched());
            for (Learner<B>.Side side : learner.sides()) {
                if (side.isDue(step)) {
                    if (taken) {
                        unread.add(side.addGradients(batch, epoch, index, figures), step, lr);
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

        private void requireFiniteLosses(int epoch) {
            unread.firstNotFinite()
                    .ifPresent(loss -> requireFinite(loss.value(), "the loss became", epoch, loss.step(), loss.lr()));
        }

        private void endEpoch(int epoch, long step, Metrics figures, TrainingEvent.Speed speed, long epochStart) {
            average.ifPresent(weights -> weights.afterEpoch(epoch));
            NamedBlock shown = shown(epoch);
            Map<String, Double> validation = validate(task, shown).values();
            for (String figure : new TreeSet<>(List.of("loss", goal.figure().orElse("loss")))) {
                if (validation.containsKey(figure)) {
                    requireFinite(validation.get(figure), "the validation " + figure + " became", epoch, step, lr);
                }
            }
            Double reached = goal.figure().map(validation::get).orElse(null);
            Double loss = validation.get("loss");
            boolean best = progress.isBetter(goal, reached, loss);
            if (best) {
                bestWeights.write(task.product(shown), epoch, reached);
            }
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                task.afterEpoch(shown, epoch, run);
            }
            warnOfSkipped();
            tell(new TrainingEvent.EpochEnded(
                    epoch,
                    train.epochs(),
                    step,
                    lr,
                    figures.values(),
                    validation,
                    speed,
                    seconds(epochStart),
                    best && goal.figure().isPresent()));
            List<Double> watched =
                    recipe.schedule().watches().map(validation::get).stream().toList();
            progress = progress.nextEpoch(
                    step, goal, reached, loss, watched, train.patience().orElse(Integer.MAX_VALUE));
            save(Map.of());
            if (train.checkpointEvery().isPresent()
                    && progress.epoch() % train.checkpointEvery().getAsInt() == 0) {
                checkpoints.keep(progress.epoch());
            }
        }

        /** The weights that are validated after an epoch. */
        private NamedBlock shown(int epoch) {
            return average.filter(weights -> weights.stands(epoch))
                    .map(WeightAverage::model)
                    .orElse(model);
        }

        private void requireFinite(double value, String what, int epoch, long step, double rate) {
            if (!Double.isFinite(value)) {
                boolean saved = progress.step() > 0;
                throw new DivergedException(what + " " + value + " at step " + (step + 1) + " of epoch " + (epoch + 1)
                        + " (learning rate " + rate + "); "
                        + (saved
                                ? "the checkpoint of step " + progress.step() + " is kept in " + run.resolve("last")
                                : "there was no checkpoint yet")
                        + "; try a lower optimizer.lr or train.clip_norm=1");
            }
        }

        private void tellOfBatch(int epoch, int batch, Metrics figures, TrainingEvent.Speed speed) {
            long done = (long) epoch * batches + batch;
            long left = (long) train.epochs() * batches - done;
            tell(new TrainingEvent.BatchEnded(
                    epoch,
                    train.epochs(),
                    batch,
                    batches,
                    figures::values,
                    speed,
                    left * seconds(startTime) / batchesHere));
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
            checkpoints.save(progress, figures, arrays);
        }

        private void restore(Checkpoints.Checkpoint saved) {
            StateDict.load(model, saved.under(MODEL), "the checkpoint");
            average.ifPresent(weights -> weights.load(saved.under(weights.prefix())));
            learner.load(saved.under(OPTIMIZER));
            if (!saved.progress().dataFingerprint().equals(progress.dataFingerprint())) {
                tell(new TrainingEvent.Warned(
                        "the data is not what the run began with (other files, labels or order); it"
                                + " goes on, but not as it would have"));
            }
            unfinished = saved.figures();
            progress = saved.progress().withPatience(train.patience().orElse(Integer.MAX_VALUE));
            if (progress.epoch() > train.epochs()) {
                throw new IllegalArgumentException("train.epochs: expected at least the " + progress.epoch()
                        + " epochs that are done, got " + train.epochs());
            }
            recoverBest();
        }

        /** Writes the best weights anew where somebody deleted or damaged them. */
        private void recoverBest() {
            int epoch = progress.bestEpoch();
            Optional<String> loss = epoch < 0 ? Optional.empty() : bestWeights.loss();
            if (loss.isEmpty()) {
                return;
            }
            String prefix = average.filter(weights -> weights.stands(epoch))
                    .map(WeightAverage::prefix)
                    .orElse(MODEL);
            if (bestWeights.restore(checkpoints, prefix, task.product(model), progress)) {
                tell(new TrainingEvent.Warned(
                        loss.get() + "; written again from the checkpoint of epoch " + (epoch + 1) + ", the best"));
                return;
            }
            String gone = loss.get() + ", and no checkpoint of epoch " + (epoch + 1) + ", the best, is left: ";
            if (progress.batch() > 0 && !isOver()) {
                progress = progress.withBest(null, null, -1);
                tell(new TrainingEvent.Warned(
                        gone + "the best from epoch " + (progress.epoch() + 1) + " on will take its place"));
                return;
            }
            int newest = progress.epoch() - 1;
            NamedBlock shown = shown(newest);
            Map<String, Double> figures = validate(task, shown).values();
            Double reached = goal.figure().map(figures::get).orElse(null);
            progress = progress.withBest(reached, figures.get("loss"), newest);
            bestWeights.write(task.product(shown), newest, reached);
            save(Map.of());
            String what = goal.figure()
                    .map(figure -> " (" + figure + " " + reached + ")")
                    .orElse("");
            tell(new TrainingEvent.Warned(gone + "the newest, of epoch " + (newest + 1) + ", are taken" + what));
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
