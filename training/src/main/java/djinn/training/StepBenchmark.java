package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.losses.CrossEntropy;
import djinn.losses.LossFunction;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.MemoryFormat;
import djinn.ops.NativeHeap;
import djinn.ops.Precision;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.training.optimizer.Optimizer;
import djinn.training.optimizer.OptimizerRule;
import djinn.zoo.ModelEntry;
import djinn.zoo.ModelOptions;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One step of an image model on random input that stays in memory: for benchmarks, which leave the input pipeline out;
 * {@link TaskBenchmark} has the steps of any recipe.
 *
 * <p>A training step is all of it: forward (a classifier's main head only), loss, backward, optimizer.
 */
public final class StepBenchmark implements AutoCloseable {

    /** What a step is. */
    public enum Mode {
        /** Forward, loss, backward, optimizer. */
        TRAIN,
        /** Forward without gradients. */
        INFER
    }

    /**
     * Times of single steps.
     *
     * @param median in milliseconds
     * @param lowerQuartile in milliseconds
     * @param upperQuartile in milliseconds
     * @param least in milliseconds
     */
    public record Times(double median, double lowerQuartile, double upperQuartile, double least) {

        /** The least steps before those that count: kernels are chosen and memory is taken then. */
        public static final int WARM_UP = 2;

        /**
         * Measures steps.
         *
         * @param step run at least twice before it is counted
         * @param warmUp for how long at least: Java compiles what runs often
         * @param count how many count, at least 1
         * @return their times
         */
        public static Times of(Runnable step, Duration warmUp, int count) {
            if (count < 1) {
                throw new IllegalArgumentException("expected at least 1 step, got " + count);
            }
            double[] milliseconds = new double[count];
            long begin = System.nanoTime();
            for (int i = 0; i < WARM_UP || System.nanoTime() - begin < warmUp.toNanos(); i++) {
                step.run();
            }
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                step.run();
                milliseconds[i] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(milliseconds);
            return new Times(
                    milliseconds[count / 2], milliseconds[count / 4], milliseconds[count * 3 / 4], milliseconds[0]);
        }

        /** Returns the times of one of equal parts. */
        public Times per(int parts) {
            return new Times(median / parts, lowerQuartile / parts, upperQuartile / parts, least / parts);
        }
    }

    private final NDManager manager = PyTorch.newManager();
    private final LossFunction loss = new CrossEntropy();
    private final ArrayBlock model;
    private final NDArray input;
    private final NDArray labels;
    private final Optimizer optimizer;
    private final Precision precision;
    private final double lr;

    /**
     * Prepares training steps.
     *
     * @param entry a classifier
     * @param batch N
     * @param size H and W
     * @param format the layout of weights and input
     * @param precision of convolutions and linear layers
     * @param rule how weights are updated
     * @return the benchmark, to be closed
     */
    public static StepBenchmark training(
            ModelEntry entry, int batch, int size, MemoryFormat format, Precision precision, OptimizerRule rule) {
        return new StepBenchmark(entry, batch, size, format, precision, rule);
    }

    /**
     * Prepares inference.
     *
     * @param entry a model
     * @param batch N
     * @param size H and W
     * @param format the layout of weights and input
     * @param precision of convolutions and linear layers
     * @return the benchmark, to be closed
     */
    public static StepBenchmark inference(
            ModelEntry entry, int batch, int size, MemoryFormat format, Precision precision) {
        return new StepBenchmark(entry, batch, size, format, precision, null);
    }

    private StepBenchmark(
            ModelEntry entry, int batch, int size, MemoryFormat format, Precision precision, OptimizerRule rule) {
        NativeHeap.keepFreedMemory();
        this.precision = precision;
        Randomness.seed(0);
        model = entry.build(new ModelOptions(entry.classes(), entry.channels()));
        model.initialize(manager);
        format.convert(new NDList(StateDict.of(model).values()));
        input = format.of(manager.randomNormal(new Shape(batch, entry.channels(), size, size)));
        labels = manager.arange(batch).mod(entry.classes());
        lr = rule == null ? 0 : rule.lr();
        optimizer = rule == null ? null : new Optimizer(rule, trained(), manager);
    }

    private Map<String, NDArray> trained() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> parameter : model.getParameters()) {
            if (parameter.getValue().requiresGradient()) {
                arrays.put(parameter.getKey(), parameter.getValue().getArray());
            }
        }
        return arrays;
    }

    /** Runs a step and waits for its result. */
    public void step() {
        try (NDManager owner = manager.newSubManager()) {
            NDArray x = input.reshape(input.getShape());
            x.attach(owner);
            if (optimizer == null) {
                infer(x);
            } else {
                train(x);
            }
        }
    }

    private void infer(NDArray x) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            model.forward(x, new Pass(new ParameterStore(manager, false), false, false, precision));
        }
    }

    private void train(NDArray x) {
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray logits = model.forward(x, new Pass(new ParameterStore(manager, false), true, false, precision));
            try (Gradients gradients = optimizer.gradients(loss.apply(logits, labels))) {
                optimizer.step(gradients, lr);
            }
        }
    }

    /** Frees the model and the input. */
    @Override
    public void close() {
        if (optimizer != null) {
            optimizer.close();
        }
        manager.close();
    }
}
