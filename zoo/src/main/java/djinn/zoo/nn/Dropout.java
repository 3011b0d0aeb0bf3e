package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;

/** Zeroes a share of the elements in training and scales up the rest (Srivastava et al. 2014). No state. */
public final class Dropout extends ArrayBlock {

    private final float rate;

    /**
     * A dropout.
     *
     * @param rate the share of zeroed elements, from 0 to below 1
     * @throws IllegalArgumentException if the rate is outside
     */
    public Dropout(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("expected a dropout rate from 0 to below 1, got " + rate);
        }
        this.rate = (float) rate;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (!pass.training() || rate == 0) {
            return x;
        }
        return x.getNDArrayInternal().dropout(x, rate, true).singletonOrThrow();
    }
}
