package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The negative log likelihood of values that are normally distributed around means with one deviation (Kingma and Welling
 * 2014, appendix C.2, the deviation given): {@code sum((x - y)^2 / (2 s^2) + log s + log(2 pi) / 2)} per sample, in nats, then
 * the mean over samples. It is of a density, and so may be below 0.
 *
 * <p>Shapes: means and target of one shape, (N, ...). The result is a scalar.
 *
 * @param deviation s, in the unit of the values
 */
public record GaussianNll(@Default("1") double deviation) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def nll(x: Tensor, y: Tensor, weight: float, constant: float, samples: int) -> Tensor:
              squares = torch.mul(torch.mse_loss(x, y, 2), weight)
              return torch.div(torch.add(squares, torch.mul(torch.numel(x), constant)), samples)
            """);

    /** Checks the deviation. */
    public GaussianNll {
        if (!(deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("expected a deviation above 0, got " + deviation);
        }
    }

    @Override
    public NDArray apply(NDArray means, NDArray target) {
        double constant = Math.log(deviation) + Math.log(2 * Math.PI) / 2;
        return SCRIPT.call(
                "nll",
                means,
                Elements.fitting(target, means),
                1 / (2 * deviation * deviation),
                constant,
                Elements.samples(means));
    }
}
