package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.WaitPolicy;
import djinn.training.TrainingEvent.Ending;
import djinn.training.optimizer.Optimizer;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The training loop, whatever the task.
 *
 * <pre>
 * initialise the model from the seed or from weights, or go on from the newest checkpoint   -> Started
 * for each epoch:
 *   for each batch, in an order of (seed, epoch):
 *     reseed from (seed, batch); forward; loss; backward
 *     every accumulation_steps batches:
 *       clip; penalise; step at the schedule's rate; forget the gradients; average the weights
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
 * bytes as one that was not. A last batch of one image is left out where batch norm could not learn from it.
 */
public final class Trainer {

    private static final String MODEL = "model.";

    private final Task task;
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
    public Trainer(Task task, Recipe recipe, Path run, List<TrainingListener> listeners) {
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
     * @throws IllegalArgumentException if the task's objective or the figure the schedule watches is none of its figures,
     *     more epochs are done than the recipe has, or the model cannot learn from batches of that size
     */
    public Ending fit() {
        try (NDManager manager = PyTorch.newManager();
                WaitPolicy.Watch watch = WaitPolicy.watch();
                Fit fit = new Fit(manager)) {
            return fit.run();
        }
    }

    /**
     * Runs a model over held-out data.
     *
     * @param task the data and the figures
     * @param model the model
     * @return the metrics
     */
    public static Metrics validate(Task task, NamedBlock model) {
        Metrics metrics = task.newMetrics();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches batches = task.validationBatches()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            while (batches.hasNext()) {
                try (Batch batch = batches.next();
                        NDManager step = manager.newSubManager()) {
                    if (batch.size() > 0) {
                        task.loss(model, batch, step, pass, metrics);
                    }
                }
            }
        }
        // nothing stays on the device
        metrics.values();
        return metrics;
    }

    private void tell(TrainingEvent event) {
        listeners.forEach(listener -> listener.on(event));
    }

    /** The state of one call of {@link #fit()}. */
    private final class Fit implements AutoCloseable {

        private final Recipe.Train train = recipe.train();
        private final Checkpoints checkpoints = new Checkpoints(run);
        private final BestWeights bestWeights = new BestWeights(task, run);
        private final NDManager manager;
        private final Learner learner;
        private final NamedBlock model;
        private final Optimizer optimizer;
        private final Optional<WeightAverage> average;
        private final int batches;
        private final LearningRates rates;
        private final long startTime = System.nanoTime();
        private final UnreadLosses unread = new UnreadLosses();
        private long batchesHere;
        private double lr;
        private int warnedOf;
        private Progress progress;

        Fit(NDManager manager) {
            this.manager = manager;
            requireFigures();
            createFolder();
            learner = new Learner(task, recipe, manager);
            model = learner.model();
            optimizer = learner.optimizer();
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
            List<String> figures = task.newMetrics().figures();
            if (!figures.contains(task.objective())) {
                throw new IllegalArgumentException("the task's objective: there is no figure '" + task.objective()
                        + "', expected one of " + figures);
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
            bestWeights.load(model, manager);
            Metrics best = validate(task, model);
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
            long images = 0;
            lr = rates.at(epoch, step, progress.watched());
            try (Metrics metrics = task.newMetrics();
                    Batches data = task.trainingBatches(epoch, batch)) {
                if (!progress.metrics().isEmpty()) {
                    metrics.merge(progress.metrics());
                }
                while (data.hasNext() && batch < batches) {
                    try (Batch next = data.next()) {
                        images += next.size();
                        forwardBackward(next, epoch, batch, step, metrics);
                    }
                    batch++;
                    batchesHere++;
                    boolean stepped = batch % train.accumulationSteps() == 0 || batch == batches;
                    if (stepped) {
                        update(epoch, step);
                        step++;
                    }
                    if (unread.areMany()) {
                        requireFiniteLosses(epoch);
                    }
                    tellOfBatch(epoch, batch, metrics, images / seconds(epochStart));
                    if (stepped && stopping && batch < batches) {
                        requireFiniteLosses(epoch);
                        progress = progress.at(batch, step, metrics.state());
                        save();
                        return false;
                    }
                }
                requireFiniteLosses(epoch);
                endEpoch(epoch, step, metrics, images / seconds(epochStart), epochStart);
            }
            return !stopping || progress.epoch() == train.epochs() || progress.stoppedEarly();
        }

        private void forwardBackward(Batch batch, int epoch, int index, long step, Metrics metrics) {
            if (learner.lone().take(batch)) {
                unread.add(learner.addGradients(batch, epoch, index, metrics), step, lr);
            }
        }

        private void requireFiniteLosses(int epoch) {
            unread.firstNotFinite()
                    .ifPresent(loss -> requireFinite(loss.value(), "the loss became", epoch, loss.step(), loss.lr()));
        }

        private void update(int epoch, long step) {
            lr = rates.at(epoch, step, progress.watched());
            learner.step(lr);
            average.ifPresent(weights -> weights.afterStep(step + 1));
        }

        private void endEpoch(int epoch, long step, Metrics metrics, double imagesPerSecond, long epochStart) {
            average.ifPresent(weights -> weights.afterEpoch(epoch));
            NamedBlock shown = shown(epoch);
            Map<String, Double> validation = validate(task, shown).values();
            for (String figure : Set.of("loss", task.objective())) {
                if (validation.containsKey(figure)) {
                    requireFinite(validation.get(figure), "the validation " + figure + " became", epoch, step, lr);
                }
            }
            double objective = validation.get(task.objective());
            Double loss = validation.get("loss");
            boolean best = progress.isBetter(objective, loss);
            if (best) {
                bestWeights.write(StateDict.of(shown), epoch, objective);
            }
            warnOfSkipped();
            tell(new TrainingEvent.EpochEnded(
                    epoch,
                    train.epochs(),
                    step,
                    lr,
                    metrics.values(),
                    validation,
                    imagesPerSecond,
                    seconds(epochStart),
                    best));
            List<Double> watched =
                    recipe.schedule().watches().map(validation::get).stream().toList();
            progress = progress.nextEpoch(
                    step, objective, loss, watched, train.patience().orElse(Integer.MAX_VALUE));
            save();
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

        private void tellOfBatch(int epoch, int batch, Metrics metrics, double imagesPerSecond) {
            long done = (long) epoch * batches + batch;
            long left = (long) train.epochs() * batches - done;
            tell(new TrainingEvent.BatchEnded(
                    epoch,
                    train.epochs(),
                    batch,
                    batches,
                    metrics::values,
                    imagesPerSecond,
                    left * seconds(startTime) / batchesHere));
        }

        private void warnOfSkipped() {
            Map<String, String> skipped = task.skipped();
            if (skipped.size() > warnedOf) {
                warnedOf = skipped.size();
                tell(new TrainingEvent.Warned("skipped " + skipped.size() + " unreadable images so far: "
                        + String.join("; ", skipped.values())));
            }
        }

        private void save() {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            StateDict.of(model).forEach((name, array) -> arrays.put(MODEL + name, array));
            average.ifPresent(weights ->
                    weights.state().forEach((name, array) -> arrays.put(weights.prefix() + name, array)));
            optimizer.state().forEach((name, array) -> arrays.put("optimizer." + name, array));
            checkpoints.save(progress, arrays);
        }

        private void restore(Checkpoints.Checkpoint saved) {
            StateDict.load(model, saved.under(MODEL), "the checkpoint");
            average.ifPresent(weights -> weights.load(saved.under(weights.prefix())));
            optimizer.load(saved.under("optimizer."));
            if (!saved.progress().dataFingerprint().equals(progress.dataFingerprint())) {
                tell(new TrainingEvent.Warned(
                        "the data is not what the run began with (other files, labels or order); it"
                                + " goes on, but not as it would have"));
            }
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
            if (bestWeights.restore(checkpoints, prefix, model, progress)) {
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
            progress = progress.withBest(figures.get(task.objective()), figures.get("loss"), newest);
            bestWeights.write(StateDict.of(shown), newest, progress.best());
            save();
            tell(new TrainingEvent.Warned(gone + "the newest, of epoch " + (newest + 1) + ", are taken ("
                    + task.objective() + " " + progress.best() + ")"));
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
