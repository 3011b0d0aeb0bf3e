package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The negative log likelihood of values of 0 to 1 where each is 1 with a probability of its own (Kingma and Welling 2014,
 * appendix C.1): {@code -sum(y log p + (1 - y) log(1 - p))} per sample with {@code p = sigmoid(x)}, in nats, then the mean
 * over samples.
 *
 * <p>Shapes: logits and target of one shape, (N, ...). The result is a scalar. Values between 0 and 1 have no likelihood of
 * this kind; the formula then gives its mean over draws of 0 and 1.
 */
public record BernoulliNll() implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def nll(x: Tensor, y: Tensor, samples: int) -> Tensor:
              return torch.div(torch.binary_cross_entropy_with_logits(x, y, None, None, 2), samples)
            """);

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return SCRIPT.call("nll", logits, Elements.fitting(target, logits), Elements.samples(logits));
    }
}
