package djinn.training;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import djinn.data.Batch;
import djinn.data.Feed;
import djinn.ops.PeakMemory;
import djinn.training.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/**
 * Finds the largest batch whose training steps stay within a bound of memory, among powers of two.
 *
 * <p>Sizes are tried from 1 on, two rounds of real steps each, until one does not fit or holds all examples. One that would
 * take much more than there is, on the line through the two before, is not tried.
 */
public final class BatchSizes {

    /** By how much the line may be over the bound before a size is not tried any more. */
    private static final double SURE = 1.25;

    private BatchSizes() {}

    /**
     * A size that was looked at.
     *
     * @param size examples in a batch
     * @param bytes the most memory that was taken; empty if the engine found too little
     * @param measured whether it was tried; else bytes are what is expected of it
     */
    public record Trial(int size, OptionalLong bytes, boolean measured) {

        /** Returns whether it was tried and stayed within a bound. */
        public boolean fits(long bound) {
            return measured && bytes.isPresent() && bytes.getAsLong() <= bound;
        }
    }

    /**
     * What was found.
     *
     * @param trials by rising size
     * @param largest the largest size that fits; empty if none does
     */
    public record Result(List<Trial> trials, OptionalInt largest) {

        /** Copies the trials. */
        public Result {
            trials = List.copyOf(trials);
        }
    }

    /**
     * What steps of a size took.
     *
     * @param bytes the most memory; empty if the engine found too little
     * @param whole whether a batch held all examples
     */
    public record Peak(OptionalLong bytes, boolean whole) {}

    /** Takes steps with batches of a size. */
    @FunctionalInterface
    public interface Steps {

        /**
         * Takes some steps.
         *
         * @param size examples in a batch
         * @return what they took; empty if the model cannot learn from batches that small
         */
        Optional<Peak> take(int size);
    }

    /**
     * Tries sizes.
     *
     * @param bound the memory there is, in bytes
     * @param most the largest size that is tried
     * @param steps takes the steps
     */
    public static Result search(long bound, int most, Steps steps) {
        List<Trial> trials = new ArrayList<>();
        OptionalInt largest = OptionalInt.empty();
        for (long size = 1; size <= most; size *= 2) {
            OptionalLong expected = expected(trials);
            if (expected.isPresent() && expected.getAsLong() > SURE * bound) {
                trials.add(new Trial((int) size, expected, false));
                break;
            }
            Optional<Peak> peak = steps.take((int) size);
            if (peak.isEmpty()) {
                continue;
            }
            Trial trial = new Trial((int) size, peak.get().bytes(), true);
            trials.add(trial);
            if (!trial.fits(bound)) {
                break;
            }
            largest = OptionalInt.of(trial.size());
            if (peak.get().whole()) {
                break;
            }
        }
        return new Result(trials, largest);
    }

    /** Twice as many examples take as much more again as the last doubling did, twice. */
    private static OptionalLong expected(List<Trial> trials) {
        int tried = trials.size();
        if (tried < 2) {
            return OptionalLong.empty();
        }
        long last = trials.get(tried - 1).bytes().orElseThrow();
        long before = trials.get(tried - 2).bytes().orElseThrow();
        return OptionalLong.of(last + 2 * Math.max(0, last - before));
    }

    /**
     * Steps as a run of a recipe would take them, measured in this process.
     *
     * @param recipes the recipe with a batch size
     * @throws IllegalArgumentException from the steps, if the system does not tell how much memory is taken
     */
    public static Steps of(IntFunction<Recipe> recipes) {
        return size -> {
            Recipe recipe = recipes.apply(size);
            return take(recipe.newTask(), recipe);
        };
    }

    private static <B extends Batch> Optional<Peak> take(Task<B> task, Recipe recipe) {
        List<Device> devices = recipe.train().devicesHere();
        System.gc();
        PeakMemory.reset();
        Feed<B> data = task.training();
        boolean whole = data.batchesPerEpoch() == 1;
        try (TaskBenchmark<B> steps = TaskBenchmark.of(task, recipe)) {
            steps.round();
            steps.round();
            long bytes = 0;
            for (Device device : devices) {
                bytes = Math.max(bytes, PeakMemory.of(device).orElseThrow(BatchSizes::unknown));
            }
            return Optional.of(new Peak(OptionalLong.of(bytes), whole));
        } catch (EngineException e) {
            if (String.valueOf(e.getMessage()).matches("(?s).*(out of|not enough) memory.*")) {
                return Optional.of(new Peak(OptionalLong.empty(), whole));
            }
            throw e;
        } catch (IllegalArgumentException e) {
            // batch norm and shares of several devices want some examples
            if (!whole && String.valueOf(e.getMessage()).startsWith("train.batch_size")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static IllegalArgumentException unknown() {
        return new IllegalArgumentException(
                "expected a system that tells how much memory a process takes, as Linux does, or a GPU; set"
                        + " train.batch_size by hand");
    }
}
