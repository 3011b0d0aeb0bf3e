package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.training.recipe.Recipe;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Training steps of any task on one batch that stays in memory: for benchmarks, which leave the input pipeline out.
 *
 * <p>A step is all that a run does of it: each turn that is due with its forward, backward and optimizer, gradients of
 * several batches where the recipe adds them, figures, and the average of weights. Turns may come at some steps only, so
 * what is timed is a round, after which all begin again; of most tasks that is a single step.
 *
 * @param <B> what a batch is
 */
public final class TaskBenchmark<B extends Batch> implements AutoCloseable {

    private final NDManager manager;
    private final Task<B> task;
    private final Recipe recipe;
    private final Learner<B> learner;
    private final Optional<WeightAverage> average;
    private final Figures<B> figures;
    private final B batch;
    private final int steps;
    private long step;

    /**
     * Prepares training steps of a model that starts from the recipe's seed.
     *
     * @param task what is trained
     * @param recipe its recipe; the learning rate is the optimizer's own, whatever the schedule
     * @param <B> what a batch is
     * @return the benchmark, to be closed
     * @throws DataException if the data cannot be read
     * @throws IllegalArgumentException if the model cannot learn from batches of that size, or a device is not there
     */
    public static <B extends Batch> TaskBenchmark<B> of(Task<B> task, Recipe recipe) {
        List<Device> devices = recipe.train().devicesHere();
        NDManager manager = PyTorch.newManager(devices.get(0));
        try {
            return new TaskBenchmark<>(task, recipe, manager, devices);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private TaskBenchmark(Task<B> task, Recipe recipe, NDManager manager, List<Device> devices) {
        this.manager = manager;
        this.task = task;
        this.recipe = recipe;
        learner = new Learner<>(task, recipe, manager, devices);
        learner.requireTrainedAtFirst();
        learner.lone().require(learner.lone().batchesPerEpoch());
        average = WeightAverage.of(recipe, task, learner, manager);
        steps = together(task.turns().stream().map(Turn::every).toList());
        batch = firstBatch();
        figures = task.newFigures();
    }

    /** After how many steps all turns fall together. */
    private static int together(List<Integer> turns) {
        int steps = Collections.max(turns);
        while (!meet(turns, steps)) {
            steps++;
        }
        return steps;
    }

    private static boolean meet(List<Integer> turns, int steps) {
        return turns.stream().allMatch(every -> steps % every == 0);
    }

    private B firstBatch() {
        try (Batches<B> batches = task.training().batches(0, 0)) {
            while (batches.hasNext()) {
                B next = batches.next();
                if (learner.lone().take(next)) {
                    return next;
                }
                next.close();
            }
        }
        throw new DataException("expected examples to train on, but none of the training data can be read");
    }

    /** Returns the number of steps in a round, at least 1. */
    public int steps() {
        return steps;
    }

    /** Returns the number of examples that a round learns from. */
    public long examples() {
        return (long) batch.size() * recipe.train().accumulationSteps() * steps;
    }

    /** Takes a round of steps and waits for their results. */
    public void round() {
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    private void step() {
        int batches = recipe.train().accumulationSteps();
        for (int index = 0; index < batches; index++) {
            for (Learner<B>.Side side : learner.sides()) {
                if (side.isDue(step)) {
                    try (NDArray loss = side.addGradients(batch, 0, index, figures)) {
                        loss.getFloat();
                    }
                    if (index + 1 == batches) {
                        side.step(recipe.optimizer().lr());
                    }
                }
            }
        }
        step++;
        average.ifPresent(weights -> weights.afterStep(step));
        task.afterStep(learner.model(), step);
    }

    /** Frees the model, the batch and the optimizers' state. */
    @Override
    public void close() {
        figures.close();
        batch.close();
        learner.close();
        manager.close();
    }
}
