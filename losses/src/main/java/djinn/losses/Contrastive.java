package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The contrastive loss over all pairs of a labelled batch (Hadsell et al. 2006), without squares, as
 * pytorch-metric-learning's {@code ContrastiveLoss}: {@code mean max(0, d - posMargin)} over the pairs of one class plus
 * {@code mean max(0, negMargin - d)} over the pairs of two, each mean over its terms above zero.
 *
 * <p>d is the Euclidean distance of the embeddings as given; pytorch-metric-learning normalises them first unless told
 * otherwise. Shapes: embeddings (N, D) and labels (N), whole numbers of any dtype. The result is a scalar; a mean
 * without terms is zero. The gradient of a distance of zero is zero.
 *
 * @param posMargin the distance up to which a pair of one class costs nothing, at least 0
 * @param negMargin the distance from which a pair of two classes costs nothing, at least 0
 */
public record Contrastive(
        @Default("0") double posMargin, @Default("1") double negMargin) implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def contrastive(x: Tensor, y: Tensor, pos_margin: float, neg_margin: float) -> Tensor:
          d = self.distances(x)
          pull = self.only(torch.relu(torch.sub(d, pos_margin)), self.positives(y), 0.)
          push = self.only(torch.relu(torch.rsub(d, neg_margin)), self.negatives(y), 0.)
          return torch.add(self.share(pull, torch.gt(pull, 0)), self.share(push, torch.gt(push, 0)))
        """);

    /** Checks the ranges. */
    public Contrastive {
        if (!(posMargin >= 0 && negMargin >= 0)) {
            throw new IllegalArgumentException(
                    "expected margins of at least 0, got " + posMargin + " and " + negMargin);
        }
    }

    /** Margins 0 and 1. */
    public Contrastive() {
        this(0, 1);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        NDArray y = LabelledPairs.labels(embeddings, labels);
        return SCRIPT.call("contrastive", embeddings, y, posMargin, negMargin);
    }
}
