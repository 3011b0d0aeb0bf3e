package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Neighbourhood component analysis against one learned proxy per class (Movshovitz-Attias et al. 2017):
 * {@code mean d(x, p_y) + log sum_(k != y) exp(-d(x, p_k))}, where d is the squared Euclidean distance of embedding and
 * proxy scaled to length 1.
 *
 * <p>The sum leaves the own class out, as the paper's does, so the loss may fall below zero.
 */
public record ProxyNca() {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def proxy_nca(x: Tensor, proxies: Tensor, y: Tensor) -> Tensor:
          # the squared distance is 2 - 2 cos, and the 2 cancels
          s = torch.mul(torch.matmul(self.unit(x), torch.t(self.unit(proxies))), 2)
          own = torch.unsqueeze(y, 1)
          others = torch.logsumexp(torch.scatter(s, 1, own, -inf), [1], True)
          return torch.mean(torch.sub(others, torch.gather(s, 1, own)))
        """);

    /**
     * Computes the loss.
     *
     * @param embeddings (N, D)
     * @param proxies (K, D), one row per class, K at least 2, usually parameters
     * @param labels (N), whole numbers from 0 to K - 1 of any dtype
     * @return a scalar, owned by the embeddings' manager
     * @throws IllegalArgumentException if the shapes do not fit each other
     * @throws ai.djl.engine.EngineException if a label has no proxy
     */
    public NDArray apply(NDArray embeddings, NDArray proxies, NDArray labels) {
        LabelledPairs.checkProxies(embeddings, proxies);
        return SCRIPT.call("proxy_nca", embeddings, proxies, LabelledPairs.labels(embeddings, labels));
    }
}
