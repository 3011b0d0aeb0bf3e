package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The Kullback-Leibler divergence of the input's distribution from the target's, both given as logits: {@code sum(p (log
 * p - log softmax(x))) / N} with {@code p = softmax(y)}, natural logarithms.
 *
 * <p>Shapes: input and target (N, K) or (N, K, d1, ...), softmax over axis 1. The result is a scalar: positions are
 * summed, samples averaged.
 */
public record KlDivergence() implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def divergence(x: Tensor, y: Tensor, temperature: float, scale: float) -> Tensor:
              log_q = torch.log_softmax(torch.div(x, temperature), 1)
              log_p = torch.log_softmax(torch.div(y, temperature), 1)
              return torch.mul(torch.kl_div(log_q, log_p, 2, log_target=True), scale)
            """);

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return divergence(logits, target, 1, 1);
    }

    /** The divergence of the distributions at a temperature, times a factor. */
    static NDArray divergence(NDArray logits, NDArray target, double temperature, double factor) {
        NDArray fitting = Elements.fitting(target, logits);
        if (logits.getShape().dimension() < 2) {
            throw new IllegalArgumentException(
                    "expected logits (N, K, ...), got " + logits.getShape() + " and target " + target.getShape());
        }
        double scale = factor / logits.getShape().get(0);
        return SCRIPT.call("divergence", logits, fitting, temperature, scale);
    }
}
