package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The ranked list loss (Wang et al. 2019): the mean over anchors of {@code (1 - lambda) L_P + lambda L_N}.
 *
 * <p>{@code L_P} is the mean of {@code d - (alpha - margin)} over the anchor's positives that are farther than {@code
 * alpha - margin}. {@code L_N} is the mean of {@code alpha - d} over its negatives closer than alpha, weighted by {@code
 * exp(temperature (alpha - d))}; the weights count as constants for the gradient.
 *
 * <p>d is the Euclidean distance of the embeddings as given; the paper scales them to length 1. Shapes: embeddings (N,
 * D) and labels (N), whole numbers of any dtype. The result is a scalar; a mean without terms is zero. The gradient of a
 * distance of zero is zero.
 *
 * @param alpha the distance beyond which negatives cost nothing
 * @param margin how far within alpha the positives should be, 0 to alpha
 * @param temperature how much more the closer negatives weigh; 0 weighs them alike
 * @param lambda the share of the negatives, 0 to 1
 */
public record RankedList(
        @Default("1.2") double alpha,
        @Default("0.4") double margin,
        @Default("10") double temperature,
        @Default("0.5") double lambda)
        implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def ranked_list(x: Tensor, y: Tensor, alpha: float, margin: float, temperature: float, balance: float) -> Tensor:
          d = self.distances(x)
          far = self.only(torch.relu(torch.sub(d, alpha - margin)), self.positives(y), 0.)
          pull = torch.div(torch.sum(far, [1]), torch.clamp_min(torch.sum(torch.gt(far, 0), [1]), 1))
          near = torch.logical_and(self.negatives(y), torch.lt(d, alpha))
          gaps = torch.rsub(d, alpha)
          weights = torch.softmax(self.only(torch.mul(torch.detach(gaps), temperature), near, -inf), 1)
          # an anchor without such a negative has weights 0 / 0 until they are masked
          push = torch.sum(torch.mul(self.only(weights, near, 0.), gaps), [1])
          return torch.mean(torch.add(torch.mul(pull, 1. - balance), torch.mul(push, balance)))
        """);

    /** Checks the ranges. */
    public RankedList {
        if (!(margin >= 0 && margin <= alpha && temperature >= 0 && lambda >= 0 && lambda <= 1)) {
            throw new IllegalArgumentException(
                    "expected a margin within 0 to alpha, a temperature of at least 0 and lambda within 0 to 1, got "
                            + margin + " and alpha " + alpha + ", " + temperature + ", " + lambda);
        }
    }

    /** Alpha 1.2, margin 0.4, temperature 10, both sides alike. */
    public RankedList() {
        this(1.2, 0.4, 10, 0.5);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        NDArray y = LabelledPairs.labels(embeddings, labels);
        return SCRIPT.call("ranked_list", embeddings, y, alpha, margin, temperature, lambda);
    }
}
