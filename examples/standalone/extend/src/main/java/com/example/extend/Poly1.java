package com.example.extend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.ops.Scalars;

/**
 * Cross entropy and epsilon times (1 - p of the true class) (Leng et al. 2022, PolyLoss, equation 5); of logits (N, K) and
 * classes (N).
 *
 * @param epsilon the weight of the second term
 */
public record Poly1(@Default("1") double epsilon) implements LossFunction {

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        NDArray log = input.logSoftmax(1)
                .gather(target.toType(DataType.INT64, false).expandDims(1), 1)
                .flatten(); // (N)
        NDArray missing = Scalars.mul(log.exp(), -1).add(1);
        return Scalars.mul(missing, epsilon).sub(log).mean();
    }
}
