package djinn.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.util.Arrays;

/**
 * What share of made samples lies among the real ones, and what share of real ones among the made (Kynkaanniemi et al. 2019,
 * eqs. 1 and 2). A sample lies among others if it is within the ball of one of them, which reaches to that one's k-th
 * nearest neighbour of its own kind. Precision falls where samples are bad, recall where kinds of samples are missing.
 *
 * <p>It keeps every sample, and its state grows with them: 1 + width numbers each.
 */
public final class ManifoldCoverage implements Metric {

    /** The paper's k. */
    private static final int NEIGHBOUR = 3;

    // mode 2 subtracts before it squares, so that a sample is at distance 0 of itself
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def radii(x: Tensor, k: int) -> Tensor:
              distances = torch.cdist(x, x, 2., 2)
              values, places = torch.kthvalue(distances, k, 1)
              return values

            def share(x: Tensor, among: Tensor, radii: Tensor) -> Tensor:
              inside = torch.le(torch.cdist(x, among, 2., 2), radii)
              return torch.mean(torch.to(torch.any(inside, 1), 7))
            """);

    private final int width;
    private float[] real = new float[0];
    private float[] made = new float[0];
    private int reals;
    private int mades;
    private double[] shares;

    /**
     * Of nothing yet.
     *
     * @param width the number of features of a sample
     * @throws IllegalArgumentException if it is below 1
     */
    public ManifoldCoverage(int width) {
        Inputs.atLeast("width", 1, width);
        this.width = width;
    }

    /**
     * Adds real samples.
     *
     * @param features (N, width) row by row
     * @throws IllegalArgumentException if they are no whole rows
     */
    public void addReal(float[] features) {
        int more = rows(features);
        real = Buffers.withRoom(real, ((long) reals + more) * width);
        System.arraycopy(features, 0, real, reals * width, features.length);
        reals += more;
        shares = null;
    }

    /**
     * Adds made samples.
     *
     * @param features (N, width) row by row
     * @throws IllegalArgumentException if they are no whole rows
     */
    public void addMade(float[] features) {
        int more = rows(features);
        made = Buffers.withRoom(made, ((long) mades + more) * width);
        System.arraycopy(features, 0, made, mades * width, features.length);
        mades += more;
        shares = null;
    }

    private int rows(float[] features) {
        int rows = Math.floorDiv(features.length, width);
        Inputs.rows(features.length, rows, width);
        return rows;
    }

    /** Returns the share of made samples that lie among the real ones; NaN with fewer than four of a kind. */
    public double precision() {
        return shares()[0];
    }

    /** Returns the share of real samples that lie among the made ones; NaN with fewer than four of a kind. */
    public double recall() {
        return shares()[1];
    }

    /** Returns the {@linkplain #precision() precision}. */
    @Override
    public double value() {
        return precision();
    }

    private double[] shares() {
        if (shares == null) {
            shares = new double[] {Double.NaN, Double.NaN};
            if (Math.min(reals, mades) > NEIGHBOUR) {
                try (NDManager manager = PyTorch.newManager()) {
                    NDArray ofReal = manager.create(Arrays.copyOf(real, reals * width), new Shape(reals, width));
                    NDArray ofMade = manager.create(Arrays.copyOf(made, mades * width), new Shape(mades, width));
                    shares[0] = share(ofMade, ofReal);
                    shares[1] = share(ofReal, ofMade);
                }
            }
        }
        return shares.clone();
    }

    private static double share(NDArray samples, NDArray among) {
        // itself is the nearest
        try (NDArray radii = SCRIPT.call("radii", among, NEIGHBOUR + 1);
                NDArray share = SCRIPT.call("share", samples, among, radii)) {
            return share.getDouble();
        }
    }

    /** Returns, sample by sample, 0 and the features of a real one, then 1 and those of a made one. */
    @Override
    public double[] state() {
        double[] state = new double[Math.multiplyExact(reals + mades, width + 1)];
        write(state, 0, real, reals, 0);
        write(state, reals * (width + 1), made, mades, 1);
        return state;
    }

    private void write(double[] state, int from, float[] features, int rows, double kind) {
        for (int n = 0; n < rows; n++) {
            state[from + n * (width + 1)] = kind;
            for (int d = 0; d < width; d++) {
                state[from + n * (width + 1) + 1 + d] = features[n * width + d];
            }
        }
    }

    @Override
    public void merge(double[] state) {
        if (state.length % (width + 1) != 0) {
            throw new IllegalArgumentException("expected a state of rows of " + (width + 1)
                    + ", a kind and its features, got " + state.length + " numbers");
        }
        for (int at = 0; at < state.length; at += width + 1) {
            float[] features = new float[width];
            for (int d = 0; d < width; d++) {
                features[d] = (float) state[at + 1 + d];
            }
            if (state[at] == 0) {
                addReal(features);
            } else {
                addMade(features);
            }
        }
    }
}
