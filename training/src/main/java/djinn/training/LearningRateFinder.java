package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.training.recipe.Recipe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The learning rate range test (Smith 2017, section 3.3): trains a recipe's model from its initial weights, with the
 * recipe's optimizer, batches and loss, while the learning rate rises by the same factor at every step, and looks where
 * the loss falls fastest.
 *
 * <p>The loss is smoothed, {@code s_t = (1 - b) sum_i b^(t - i) loss_i / (1 - b^t)} with b = 0.98. The test stops early
 * when the smoothed loss exceeds four times its least so far, or the loss is not finite. The suggestion is the rate at
 * which the smoothed loss has its steepest descent over the logarithm of the rate, without the first ten points and the
 * last one, as in Lightning. It depends on the recipe and the data alone.
 *
 * @param from the first learning rate, above 0
 * @param to the last one, above the first
 * @param steps how many, at least 13
 */
public record LearningRateFinder(double from, double to, int steps) {

    private static final double BETA = 0.98;
    private static final double WORST = 4;
    private static final double NEGLIGIBLE = 1e-6;
    private static final int SKIPPED_AT_START = 10;
    private static final int SKIPPED_AT_END = 1;
    private static final int FEWEST = SKIPPED_AT_START + 2 + SKIPPED_AT_END;

    /**
     * A step of the test.
     *
     * @param lr the learning rate
     * @param loss of the step's batches, before the step
     * @param smoothed the smoothed loss
     */
    public record Point(double lr, double loss, double smoothed) {}

    /**
     * What a test found.
     *
     * @param points the steps, the learning rate rising
     * @param suggestion where the smoothed loss falls fastest; empty if it never falls
     * @param stopped whether the loss grew too large before the last step
     */
    public record Result(List<Point> points, OptionalDouble suggestion, boolean stopped) {

        /** Copies the list. */
        public Result {
            points = List.copyOf(points);
        }

        /** Returns the point with the least smoothed loss. */
        public Point least() {
            return points.stream()
                    .min(Comparator.comparingDouble(Point::smoothed))
                    .orElseThrow();
        }
    }

    /** Is told of every step. */
    @FunctionalInterface
    public interface Listener {

        /**
         * A step was taken.
         *
         * @param step its number, from 1 on
         * @param point what came of it
         */
        void stepped(int step, Point point);
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is outside of its range
     */
    public LearningRateFinder {
        if (!(from > 0 && to > from && Double.isFinite(to))) {
            throw new IllegalArgumentException(
                    "expected learning rates from above 0 to a higher one, got " + from + " to " + to);
        }
        if (steps < FEWEST) {
            throw new IllegalArgumentException("expected at least " + FEWEST + " steps, of which the first "
                    + SKIPPED_AT_START + " are not looked at, got " + steps);
        }
    }

    /**
     * Runs the test; writes nothing.
     *
     * @param task what is trained
     * @param recipe the seed, the optimizer, and how gradients are clipped; its learning rate and schedule do not count
     * @param listener told of every step
     * @param <B> what a batch is
     * @return the curve and the suggestion
     * @throws DivergedException if the loss grew too large before there were enough points for a suggestion
     * @throws DataException if the data or the weights to start from cannot be read
     * @throws IllegalArgumentException if the model cannot learn from batches of that size, the task has several turns, or all
     *     is frozen at first
     */
    public <B extends Batch> Result find(Task<B> task, Recipe recipe, Listener listener) {
        List<Device> devices = recipe.train().devicesHere();
        try (PyTorch.Scope here = PyTorch.on(devices.get(0));
                NDManager manager = PyTorch.newManager();
                Learner<B> learner = new Learner<>(task, recipe, manager, devices)) {
            if (learner.sides().size() > 1) {
                throw new IllegalArgumentException("expected a task that lowers one loss, got " + recipe.task()
                        + ", whose turns play against each other: no single rate can be read off a curve");
            }
            learner.requireTrainedAtFirst();
            task.startFrom(learner.model());
            learner.lone().require(learner.lone().batchesPerEpoch());
            Course<B> course = new Course<>(task, learner, recipe.train().accumulationSteps(), listener);
            for (int epoch = 0; !course.ended; epoch++) {
                int before = course.points.size();
                course.train(epoch);
                if (course.points.size() == before && !course.ended) {
                    throw new DataException("expected examples to train on, but none of the training data can be read");
                }
            }
            return course.result();
        }
    }

    /** The learning rate of a step, from 0 on. */
    private double rate(int step) {
        return from * Math.pow(to / from, step / (steps - 1.0));
    }

    /** The index of the steepest descent among equally spaced points, by central differences; -1 if there is none. */
    private static int steepest(List<Point> points) {
        int first = SKIPPED_AT_START;
        int last = points.size() - 1 - SKIPPED_AT_END;
        int steepest = -1;
        // what the rounding of the sums may do is no descent
        double least = -NEGLIGIBLE * Math.abs(points.get(first).smoothed);
        for (int i = first; i <= last; i++) {
            int left = Math.max(first, i - 1);
            int right = Math.min(last, i + 1);
            double slope = (points.get(right).smoothed - points.get(left).smoothed) / (right - left);
            if (slope < least) {
                least = slope;
                steepest = i;
            }
        }
        return steepest;
    }

    /** The test as it goes. */
    private final class Course<B extends Batch> {

        private final Task<B> task;
        private final Learner<B> learner;
        private final Learner<B>.Side side;
        private final int accumulationSteps;
        private final Listener listener;
        private final List<Point> points = new ArrayList<>();
        private double average;
        private double least = Double.POSITIVE_INFINITY;
        private boolean stopped;
        private boolean ended;

        Course(Task<B> task, Learner<B> learner, int accumulationSteps, Listener listener) {
            this.task = task;
            this.learner = learner;
            this.side = learner.sides().get(0);
            this.accumulationSteps = accumulationSteps;
            this.listener = listener;
        }

        /** Goes on through the batches of an epoch, in steps as the trainer takes them. */
        void train(int epoch) {
            try (Batches<B> batches = task.training().batches(epoch, 0)) {
                double sum = 0;
                int counted = 0;
                for (int index = 0; batches.hasNext() && !ended; index++) {
                    try (B batch = batches.next()) {
                        if (learner.lone().take(batch)) {
                            try (Figures<B> unused = task.newFigures();
                                    NDArray loss = side.addGradients(batch, epoch, index, unused)) {
                                sum += loss.getFloat();
                            }
                            counted++;
                        }
                    }
                    boolean whole = (index + 1) % accumulationSteps == 0 || !batches.hasNext();
                    if (whole && counted > 0) {
                        step(sum / counted);
                        sum = 0;
                        counted = 0;
                    }
                }
            }
        }

        private void step(double loss) {
            int number = points.size() + 1;
            double lr = rate(number - 1);
            if (!Double.isFinite(loss)) {
                stop(number, lr, "became " + loss);
                return;
            }
            average = BETA * average + (1 - BETA) * loss;
            double smoothed = average / (1 - Math.pow(BETA, number));
            points.add(new Point(lr, loss, smoothed));
            listener.stepped(number, points.get(number - 1));
            if (least > 0 && smoothed > WORST * least) {
                stop(number, lr, "grew to more than " + (int) WORST + " times its least");
            }
            least = Math.min(least, smoothed);
            ended |= number == steps;
            if (!ended) {
                side.step(lr);
            }
        }

        private void stop(int number, double lr, String why) {
            if (points.size() < FEWEST) {
                throw new DivergedException(String.format(
                        Locale.ROOT,
                        "the loss %s at step %d of %d (learning rate %.3g), too early to suggest a rate; begin the"
                                + " range lower than %.3g, or take more steps",
                        why,
                        number,
                        steps,
                        lr,
                        from));
            }
            stopped = true;
            ended = true;
        }

        Result result() {
            int steepest = steepest(points);
            return new Result(
                    points,
                    steepest < 0 ? OptionalDouble.empty() : OptionalDouble.of(points.get(steepest).lr),
                    stopped);
        }
    }
}
