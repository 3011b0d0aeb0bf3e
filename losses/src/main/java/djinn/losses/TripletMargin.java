package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The triplet loss on distances, as {@code torch.nn.TripletMarginLoss} (Balntas et al. 2016):
 * {@code mean max(0, d(a, p) - d(a, n) + margin)} with {@code d(x, y) = |x - y + eps|_p}.
 *
 * @param margin by how much the negative should be farther, above 0
 * @param p the order of the norm, at least 1
 * @param eps added to every difference; it keeps the gradient finite at distance zero
 * @param swap whether the negative counts from the positive where it is closer to that than to the anchor
 */
public record TripletMargin(
        @Default("1") double margin,
        @Default("2") double p,
        @Default("1e-6") double eps,
        @Default("false") boolean swap) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float, p: float, eps: float, swap: bool) -> Tensor:
          return torch.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, 1)
        """);

    /** Checks the ranges. */
    public TripletMargin {
        if (!(margin > 0 && p >= 1 && eps >= 0)) {
            throw new IllegalArgumentException("expected a margin above 0, p of at least 1 and eps of at least 0, got "
                    + margin + ", " + p + " and " + eps);
        }
    }

    /** The plain form: margin 1, Euclidean, without swap. */
    public TripletMargin() {
        this(1, 2, 1e-6, false);
    }

    /**
     * Computes the loss.
     *
     * @param anchor embeddings (N, D)
     * @param positive embeddings (N, D) of the anchors' classes
     * @param negative embeddings (N, D) of other classes
     * @return a scalar, owned by the anchors' manager
     * @throws IllegalArgumentException if the shapes are not one
     */
    public NDArray apply(NDArray anchor, NDArray positive, NDArray negative) {
        LabelledPairs.checkTriplets(anchor, positive, negative);
        return SCRIPT.call("triplet", anchor, positive, negative, margin, p, eps, swap);
    }
}
