package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The additive angular margin loss (Deng et al. 2019, eq. 3): the mean cross entropy of {@code scale cos(theta_k)},
 * where theta_k is the angle between embedding and proxy k, and that of the label is widened to {@code theta + margin}.
 *
 * <p>As the equation has it, also where theta + margin exceeds pi and the loss falls again with theta; implementations
 * differ there.
 *
 * @param scale what multiplies the cosines, above 0
 * @param margin added to the label's angle, in radians, 0 to below pi
 */
public record ArcFace(
        @Default("64") double scale, @Default("0.5") double margin) {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def arcface(x: Tensor, proxies: Tensor, y: Tensor, scale: float, cosine: float, sine: float) -> Tensor:
          u = self.unit(x)
          w = self.unit(proxies)
          own = torch.index_select(w, 0, y)
          cos = torch.sum(torch.mul(u, own), [1], True)
          # the sine as the length across the proxy: exact for small angles, where acos has an infinite slope
          sin = torch.linalg_vector_norm(torch.sub(u, torch.mul(own, cos)), 2, [1], True)
          widened = torch.sub(torch.mul(cos, cosine), torch.mul(sin, sine))
          logits = torch.scatter(torch.matmul(u, torch.t(w)), 1, torch.unsqueeze(y, 1), widened)
          return torch.cross_entropy_loss(torch.mul(logits, scale), y, None, 1, -100, 0.)
        """);

    /** Checks the ranges. */
    public ArcFace {
        if (!(scale > 0 && margin >= 0 && margin < Math.PI)) {
            throw new IllegalArgumentException(
                    "expected a scale above 0 and a margin in radians from 0 to below pi, got " + scale + " and "
                            + margin);
        }
    }

    /** The paper's scale 64 and margin 0.5. */
    public ArcFace() {
        this(64, 0.5);
    }

    /**
     * Computes the loss.
     *
     * @param embeddings (N, D), scaled to length 1 here
     * @param proxies (K, D), one row per class, K at least 2, usually parameters; scaled to length 1 here
     * @param labels (N), whole numbers from 0 to K - 1 of any dtype
     * @return a scalar, owned by the embeddings' manager
     * @throws IllegalArgumentException if the shapes do not fit each other
     * @throws ai.djl.engine.EngineException if a label has no proxy
     */
    public NDArray apply(NDArray embeddings, NDArray proxies, NDArray labels) {
        LabelledPairs.checkProxies(embeddings, proxies);
        NDArray y = LabelledPairs.labels(embeddings, labels);
        return SCRIPT.call("arcface", embeddings, proxies, y, scale, Math.cos(margin), Math.sin(margin));
    }
}
