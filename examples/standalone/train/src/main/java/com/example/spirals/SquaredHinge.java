package com.example.spirals;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.ops.Scalars;

/**
 * mean(max(0, margin - y x)^2) of scores x and targets y of -1 or 1, both (N).
 *
 * @param margin how far a score should be on its side, above 0
 */
public record SquaredHinge(@Default("1") double margin) implements LossFunction {

    /** Checks the margin. */
    public SquaredHinge {
        if (!(margin > 0)) {
            throw new IllegalArgumentException("expected margin above 0, got " + margin);
        }
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        NDArray missing = Activation.relu(Scalars.mul(input.mul(target), -1).add(margin));
        return missing.mul(missing).mean();
    }
}
