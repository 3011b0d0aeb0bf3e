package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;

/**
 * The two losses of a generative adversarial network, on the discriminator's logits D of real and G of generated
 * samples; both are minimised.
 */
public enum GanLoss {
    /**
     * The minimax game (Goodfellow et al. 2014, eq. 1): {@code -mean log sigmoid(D) - mean log(1 - sigmoid(G))} against
     * {@code mean log(1 - sigmoid(G))}, whose gradient vanishes where the discriminator is sure.
     */
    SATURATING("cross_entropy", "saturating"),
    /** The same discriminator against {@code -mean log sigmoid(G)} (Goodfellow et al. 2014, section 3). */
    NON_SATURATING("cross_entropy", "non_saturating"),
    /**
     * {@code mean (D - 1)^2 / 2 + mean G^2 / 2} against {@code mean (G - 1)^2 / 2} (Mao et al. 2017, eq. 9, with its
     * factors of 1/2).
     */
    LEAST_SQUARES("least_squares", "squared"),
    /**
     * {@code mean max(0, 1 - D) + mean max(0, 1 + G)} against {@code -mean G} (Lim and Ye 2017; Miyato et al. 2018, eqs.
     * 16 and 17).
     */
    HINGE("hinge", "linear");

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
          return torch.add(torch.mean(torch.softplus(torch.neg(real))), torch.mean(torch.softplus(fake)))

        def saturating(fake: Tensor) -> Tensor:
          return torch.neg(torch.mean(torch.softplus(fake)))

        def non_saturating(fake: Tensor) -> Tensor:
          return torch.mean(torch.softplus(torch.neg(fake)))

        def least_squares(real: Tensor, fake: Tensor) -> Tensor:
          sum = torch.add(torch.mean(torch.square(torch.sub(real, 1))), torch.mean(torch.square(fake)))
          return torch.div(sum, 2)

        def squared(fake: Tensor) -> Tensor:
          return torch.div(torch.mean(torch.square(torch.sub(fake, 1))), 2)

        def hinge(real: Tensor, fake: Tensor) -> Tensor:
          return torch.add(torch.mean(torch.relu(torch.rsub(real, 1))), torch.mean(torch.relu(torch.add(fake, 1))))

        def linear(fake: Tensor) -> Tensor:
          return torch.neg(torch.mean(fake))
        """);

    private final String discriminator;
    private final String generator;

    GanLoss(String discriminator, String generator) {
        this.discriminator = discriminator;
        this.generator = generator;
    }

    /**
     * Computes what the discriminator minimises.
     *
     * @param realLogits its answers to real samples, (N, ...)
     * @param fakeLogits its answers to generated ones, (M, ...); usually of samples cut from the generator's graph
     * @return a scalar, owned by the real logits' manager
     * @throws IllegalArgumentException if the shapes differ beyond the first axis or one is empty
     */
    public NDArray discriminator(NDArray realLogits, NDArray fakeLogits) {
        checkBatches(realLogits, fakeLogits);
        return SCRIPT.call(discriminator, realLogits, fakeLogits);
    }

    /**
     * Computes what the generator minimises.
     *
     * @param fakeLogits the discriminator's answers to generated samples, any shape
     * @return a scalar, owned by the logits' manager
     * @throws IllegalArgumentException if there are no logits
     */
    public NDArray generator(NDArray fakeLogits) {
        checkSome(fakeLogits);
        return SCRIPT.call(generator, fakeLogits);
    }

    /** Checks that two batches have the same shape but for their sizes. */
    static void checkBatches(NDArray real, NDArray fake) {
        Shape a = real.getShape();
        Shape b = fake.getShape();
        boolean fitting = a.dimension() > 0 && b.dimension() > 0 && a.slice(1).equals(b.slice(1));
        if (!fitting || a.size() < 1 || b.size() < 1) {
            throw new IllegalArgumentException(
                    "expected logits (N, ...) of real and (M, ...) of generated samples, alike but for N and M of at"
                            + " least 1, got " + a + " and " + b);
        }
    }

    /** Checks that a batch is not empty. */
    static void checkSome(NDArray fake) {
        if (fake.getShape().size() < 1) {
            throw new IllegalArgumentException(
                    "expected the logits of at least one generated sample, got " + fake.getShape());
        }
    }
}
