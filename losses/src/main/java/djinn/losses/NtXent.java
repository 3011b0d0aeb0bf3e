package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * Normalised temperature-scaled cross entropy (Chen et al. 2020, SimCLR) over the pairs of a labelled batch, as
 * pytorch-metric-learning's {@code NTXentLoss}: the mean over the ordered pairs (a, p) of one class of {@code -log
 * (exp(s_ap) / (exp(s_ap) + sum_n exp(s_an)))}, where n runs over the samples of other classes.
 *
 * <p>s is the cosine over the temperature. With two views of each image under one label this is SimCLR's loss. Shapes:
 * embeddings (N, D) and labels (N), whole numbers of any dtype. The result is a scalar; zero without positive pairs or
 * without negatives.
 *
 * @param temperature what divides the cosines, above 0
 */
public record NtXent(@Default("0.5") double temperature) implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def nt_xent(x: Tensor, y: Tensor, temperature: float) -> Tensor:
          u = self.unit(x)
          s = torch.div(torch.matmul(u, torch.t(u)), temperature)
          positive = self.positives(y)
          against = torch.logsumexp(self.only(s, self.negatives(y), -inf), [1], True)
          return self.share(self.only(torch.softplus(torch.sub(against, s)), positive, 0.), positive)
        """);

    /** Checks the range. */
    public NtXent {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("expected a temperature above 0, got " + temperature);
        }
    }

    /** Temperature 0.5. */
    public NtXent() {
        this(0.5);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        return SCRIPT.call("nt_xent", embeddings, LabelledPairs.labels(embeddings, labels), temperature);
    }
}
