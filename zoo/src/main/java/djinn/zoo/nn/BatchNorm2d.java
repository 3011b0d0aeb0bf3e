package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Normalization;
import java.util.Arrays;
import java.util.Optional;

/**
 * Batch normalisation over (N, H, W) for each channel (Ioffe and Szegedy 2015); the shape stays.
 *
 * <p>State: {@code weight}, {@code bias}, {@code running_mean}, {@code running_var} (channels) and {@code
 * num_batches_tracked} (a scalar, int64). The momentum is in PyTorch's sense, the share of the new batch; the running
 * variance is unbiased. While the weight is frozen, the statistics are too, and training uses them as evaluation does.
 */
public final class BatchNorm2d extends ArrayBlock {

    /** A channel that never changes would have none, and no scale to learn with. */
    private static final double LEAST_VARIANCE = 1e-6;

    private final double momentum;
    private final double eps;
    private final Parameter weight;
    private final Parameter bias;
    private final Parameter runningMean;
    private final Parameter runningVar;
    private final Parameter batchesTracked;
    private Optional<Moments> watched = Optional.empty();

    /** The mean and the mean square of all that came in, by channel. */
    private static final class Moments {

        private final double[] means;
        private final double[] squares;
        private long count;

        Moments(int channels) {
            means = new double[channels];
            squares = new double[channels];
        }

        void add(NDArray x) {
            Shape shape = x.getShape(); // (N, C, H, W)
            long more = shape.size() / shape.get(1);
            count += more;
            double share = (double) more / count;
            NDArray mean = ofChannels(x);
            // the variance first: a mean square less a squared mean loses it in float32
            NDArray var = ofChannels(x.sub(mean.reshape(1, -1, 1, 1)).square());
            float[] ownMeans = mean.toFloatArray();
            float[] ownVars = var.toFloatArray();
            for (int i = 0; i < means.length; i++) {
                double square = ownVars[i] + (double) ownMeans[i] * ownMeans[i];
                means[i] += share * (ownMeans[i] - means[i]);
                squares[i] += share * (square - squares[i]);
            }
        }

        /** (N, C, H, W) to (C); the engine's mean takes one axis. */
        private static NDArray ofChannels(NDArray x) {
            return x.mean(new int[] {3}).mean(new int[] {2}).mean(new int[] {0});
        }
    }

    /**
     * PyTorch's defaults: eps 1e-5, momentum 0.1.
     *
     * @param channels C of the input
     */
    public BatchNorm2d(int channels) {
        this(channels, 1e-5, .1);
    }

    /**
     * A batch norm.
     *
     * @param channels C of the input
     * @param eps added to the variance
     * @param momentum the share of the new batch in the running statistics
     */
    public BatchNorm2d(int channels, double eps, double momentum) {
        this.eps = eps;
        this.momentum = momentum;
        weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, channels);
        bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
        runningMean = buffer("running_mean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, channels);
        runningVar = buffer("running_var", Parameter.Type.RUNNING_VAR, Initializer.ONES, channels);
        batchesTracked = buffer(
                "num_batches_tracked",
                Parameter.Type.OTHER,
                (manager, shape, dataType) -> manager.zeros(shape, DataType.INT64));
    }

    /**
     * Normalises.
     *
     * @throws SingleValueException if statistics are to be learned from one value per channel, as PyTorch's layer refuses
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray mean = pass.value(runningMean, x);
        NDArray var = pass.value(runningVar, x);
        watched.ifPresent(moments -> moments.add(x));
        if (!pass.training() || frozen()) {
            return Normalization.batch(x, pass.value(weight, x), pass.value(bias, x), mean, var, eps);
        }
        Shape shape = x.getShape();
        if (shape.size() == shape.get(1)) {
            throw new SingleValueException(shape);
        }
        NDArray batches = pass.value(batchesTracked, x).addi(1);
        double share = pass.cumulative() ? 1.0 / batches.getLong() : momentum;
        return Normalization.batchLearning(x, pass.value(weight, x), pass.value(bias, x), mean, var, share, eps);
    }

    /** Returns whether the weight is not trained, and the statistics stay as they are. */
    public boolean frozen() {
        return !weight.requiresGradient();
    }

    /** Begins to measure what comes in. */
    void watch() {
        watched = Optional.of(new Moments(Math.toIntExact(weight.getShape().size())));
    }

    /** Makes the measured statistics the running ones, and has weight and bias make up for it. */
    void renew() {
        Moments measured = watched.filter(moments -> moments.count > 0)
                .orElseThrow(() -> new IllegalStateException("expected a pass before the statistics are renewed"));
        watched = Optional.empty();
        float[] mean = runningMean.getArray().toFloatArray();
        float[] var = runningVar.getArray().toFloatArray();
        float[] scale = weight.getArray().toFloatArray();
        float[] shift = bias.getArray().toFloatArray();
        for (int i = 0; i < mean.length; i++) {
            double newMean = measured.means[i];
            double newVar = Math.max(LEAST_VARIANCE, measured.squares[i] - newMean * newMean);
            double gain = scale[i] / Math.sqrt(var[i] + eps);
            shift[i] += (float) (gain * (newMean - mean[i]));
            scale[i] = (float) (gain * Math.sqrt(newVar + eps));
            mean[i] = (float) newMean;
            var[i] = (float) newVar;
        }
        runningMean.getArray().set(mean);
        runningVar.getArray().set(var);
        weight.getArray().set(scale);
        bias.getArray().set(shift);
    }

    /** Forgets the running statistics, as {@code reset_running_stats}: mean 0, variance 1, no batches. */
    public void resetStatistics() {
        float[] ones = new float[Math.toIntExact(runningVar.getShape().size())];
        Arrays.fill(ones, 1);
        runningMean.getArray().set(new float[ones.length]);
        runningVar.getArray().set(ones);
        batchesTracked.getArray().set(new long[1]);
    }
}
