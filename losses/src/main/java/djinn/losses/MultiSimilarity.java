package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The multi-similarity loss (Wang et al. 2019) without the paper's pair mining, as pytorch-metric-learning's
 * {@code MultiSimilarityLoss}: the mean over anchors i of {@code log(1 + sum_p exp(-alpha (s_ip - base))) / alpha +
 * log(1 + sum_n exp(beta (s_in - base))) / beta} over its positives p and negatives n, s the cosine.
 *
 * <p>Shapes: embeddings (N, D) and labels (N), whole numbers of any dtype. The result is a scalar; an anchor without
 * positives or negatives has a zero in their place.
 *
 * @param alpha how sharply positives are weighed, above 0
 * @param beta how sharply negatives are weighed, above 0
 * @param base the cosine that positives should exceed and negatives fall below
 */
public record MultiSimilarity(
        @Default("2") double alpha,
        @Default("50") double beta,
        @Default("0.5") double base) implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def soft_sum(exponents: Tensor, mask: Tensor) -> Tensor:
          # the padded zero is the 1 in log(1 + sum exp)
          return torch.logsumexp(torch.constant_pad_nd(self.only(exponents, mask, -inf), [1, 0], 0), [1])

        def multi_similarity(x: Tensor, y: Tensor, alpha: float, beta: float, base: float) -> Tensor:
          u = self.unit(x)
          s = torch.sub(torch.matmul(u, torch.t(u)), base)
          pull = torch.div(self.soft_sum(torch.mul(s, -alpha), self.positives(y)), alpha)
          push = torch.div(self.soft_sum(torch.mul(s, beta), self.negatives(y)), beta)
          return torch.mean(torch.add(pull, push))
        """);

    /** Checks the ranges. */
    public MultiSimilarity {
        if (!(alpha > 0 && beta > 0 && Double.isFinite(base))) {
            throw new IllegalArgumentException(
                    "expected alpha and beta above 0 and a base, got " + alpha + ", " + beta + " and " + base);
        }
    }

    /** Alpha 2, beta 50, base 0.5. */
    public MultiSimilarity() {
        this(2, 50, 0.5);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        NDArray y = LabelledPairs.labels(embeddings, labels);
        return SCRIPT.call("multi_similarity", embeddings, y, alpha, beta, base);
    }
}
