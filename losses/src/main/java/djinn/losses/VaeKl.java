package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The divergence of a variational autoencoder's posterior from the standard normal prior (Kingma and Welling 2014,
 * appendix B): {@code -1/2 sum(1 + log sigma^2 - mu^2 - sigma^2)} per sample, then the mean over samples.
 */
public record VaeKl() {

    private static final TorchScript SCRIPT = Elements.compile("""
            def kl(mu: Tensor, s: Tensor, samples: int) -> Tensor:
              each = torch.sub(torch.add(torch.mul(mu, mu), self.exponential(s)), torch.add(s, 1.))
              return torch.div(torch.mul(torch.sum(each), 0.5), samples)
            """);

    /**
     * Computes the divergence. From a log variance of 50 on the exponential follows its tangent, so that it cannot
     * overflow.
     *
     * @param mean mu, (N, D) or (N, d1, ...)
     * @param logVariance log sigma^2, in the same shape
     * @return a scalar, owned by the mean's manager
     * @throws IllegalArgumentException if the shapes differ or lack the axis of samples
     */
    public NDArray apply(NDArray mean, NDArray logVariance) {
        NDArray fitting = Elements.fitting(logVariance, mean);
        if (mean.getShape().dimension() < 2) {
            throw new IllegalArgumentException("expected mean and log variance (N, ...), got " + mean.getShape()
                    + " and " + logVariance.getShape());
        }
        return SCRIPT.call("kl", mean, fitting, mean.getShape().get(0));
    }
}
