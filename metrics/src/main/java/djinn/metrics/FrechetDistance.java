package djinn.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.util.Arrays;

/**
 * How far the features of made samples are from those of real ones, both taken for normally distributed (Heusel et al.
 * 2017, eq. 6): {@code |m - n|^2 + tr(C + D - 2 (C D)^(1/2))} of the means m, n and covariances C, D. 0 for two sets alike;
 * its unit is that of the features, so that figures of one network alone compare. Few samples make it too large: it
 * should be told of some times as many as there are features.
 *
 * <p>Covariances are of samples, divided by their number less 1, as NumPy has it.
 */
public final class FrechetDistance implements Metric {

    // of symmetric matrices alone: the eigenvalues of C D are those of C^(1/2) D C^(1/2)
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def root(c: Tensor) -> Tensor:
              values, vectors = torch.linalg_eigh(c)
              roots = torch.sqrt(torch.clamp(values, 0))
              return torch.matmul(torch.mul(vectors, roots), torch.t(vectors))

            def trace(c: Tensor, d: Tensor) -> Tensor:
              half = self.root(c)
              product = torch.matmul(torch.matmul(half, d), half)
              values = torch.linalg_eigvalsh(torch.div(torch.add(product, torch.t(product)), 2))
              return torch.sum(torch.sqrt(torch.clamp(values, 0)))
            """);

    private final int width;
    private final Moments real;
    private final Moments made;

    /**
     * Of nothing yet.
     *
     * @param width the number of features of a sample
     * @throws IllegalArgumentException if it is below 1
     */
    public FrechetDistance(int width) {
        Inputs.atLeast("width", 1, width);
        this.width = width;
        this.real = new Moments(width);
        this.made = new Moments(width);
    }

    /** Number, sum and sum of products of some samples; sums are of float64. */
    private static final class Moments {

        private final int width;
        private final double[] sums;

        Moments(int width) {
            this.width = width;
            this.sums = new double[1 + width + width * width];
        }

        void add(float[] features) {
            Inputs.rows(features.length, Math.floorDiv(features.length, width), width);
            for (int at = 0; at < features.length; at += width) {
                sums[0]++;
                for (int i = 0; i < width; i++) {
                    double value = features[at + i];
                    sums[1 + i] += value;
                    for (int j = 0; j <= i; j++) {
                        sums[1 + width + i * width + j] += value * features[at + j];
                    }
                }
            }
        }

        void merge(double[] state, int from) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += state[from + i];
            }
        }

        double mean(int i) {
            return sums[1 + i] / sums[0];
        }

        NDArray covariance(NDManager manager) {
            double[] values = new double[width * width];
            for (int i = 0; i < width; i++) {
                for (int j = 0; j <= i; j++) {
                    double covariance = (sums[1 + width + i * width + j] - sums[0] * mean(i) * mean(j)) / (sums[0] - 1);
                    values[i * width + j] = covariance;
                    values[j * width + i] = covariance;
                }
            }
            return manager.create(values, new Shape(width, width));
        }

        double trace() {
            double trace = 0;
            for (int i = 0; i < width; i++) {
                trace += (sums[1 + width + i * width + i] - sums[0] * mean(i) * mean(i)) / (sums[0] - 1);
            }
            return trace;
        }
    }

    /**
     * Adds real samples.
     *
     * @param features (N, width) row by row
     * @throws IllegalArgumentException if they are no whole rows
     */
    public void addReal(float[] features) {
        real.add(features);
    }

    /**
     * Adds made samples.
     *
     * @param features (N, width) row by row
     * @throws IllegalArgumentException if they are no whole rows
     */
    public void addMade(float[] features) {
        made.add(features);
    }

    /** Returns the distance; NaN with fewer than two samples of a kind. */
    @Override
    public double value() {
        if (real.sums[0] < 2 || made.sums[0] < 2) {
            return Double.NaN;
        }
        double means = 0;
        for (int i = 0; i < width; i++) {
            double difference = real.mean(i) - made.mean(i);
            means += difference * difference;
        }
        if (!Double.isFinite(means)) {
            return Double.NaN;
        }
        try (NDManager manager = PyTorch.newManager();
                NDArray root = SCRIPT.call("trace", real.covariance(manager), made.covariance(manager))) {
            return means + real.trace() + made.trace() - 2 * root.getDouble();
        }
    }

    @Override
    public double[] state() {
        double[] state = Arrays.copyOf(real.sums, 2 * real.sums.length);
        System.arraycopy(made.sums, 0, state, real.sums.length, made.sums.length);
        return state;
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, 2 * real.sums.length);
        real.merge(state, 0);
        made.merge(state, real.sums.length);
    }
}
