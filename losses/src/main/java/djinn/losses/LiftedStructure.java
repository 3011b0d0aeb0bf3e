package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The lifted structured loss (Oh Song et al. 2016): {@code sum_(i,j) max(0, J_ij)^2 / (2 |P|)} over the pairs P
 * of one class, with {@code J_ij = log(sum_k exp(margin - d_ik) + sum_l exp(margin - d_jl)) + d_ij}, where k and l run
 * over the negatives of i and of j.
 *
 * <p>d is the Euclidean distance of the embeddings as given. Shapes: embeddings (N, D) and labels (N), whole numbers of
 * any dtype. The result is a scalar; zero without positive pairs or without negatives. The gradient of a distance of
 * zero is zero.
 *
 * @param margin by how much negatives should be farther than positives, at least 0
 */
public record LiftedStructure(@Default("1") double margin) implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def lifted(x: Tensor, y: Tensor, margin: float) -> Tensor:
          d = self.distances(x)
          positive = self.positives(y)
          push = torch.logsumexp(self.only(torch.rsub(d, margin), self.negatives(y), -inf), [1])
          j = torch.add(torch.logaddexp(torch.unsqueeze(push, 1), torch.unsqueeze(push, 0)), d)
          # each pair stands here twice, in the sum and in the count
          terms = self.only(torch.square(torch.relu(j)), positive, 0.)
          return torch.div(self.share(terms, positive), 2)
        """);

    /** Checks the range. */
    public LiftedStructure {
        if (!(margin >= 0)) {
            throw new IllegalArgumentException("expected a margin of at least 0, got " + margin);
        }
    }

    /** Margin 1. */
    public LiftedStructure() {
        this(1);
    }

    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        return SCRIPT.call("lifted", embeddings, LabelledPairs.labels(embeddings, labels), margin);
    }
}
