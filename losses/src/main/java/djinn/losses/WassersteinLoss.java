package djinn.losses;

import ai.djl.ndarray.NDArray;

/**
 * The losses of a Wasserstein GAN (Arjovsky et al. 2017): the critic minimises {@code mean(fake) - mean(real)}, the
 * generator {@code -mean(fake)}, on the critic's scores of real and generated samples.
 *
 * <p>The critic has to be kept Lipschitz: by clipping its weights, as the paper does, or by a {@link GradientPenalty}.
 */
public record WassersteinLoss() {

    /**
     * Computes what the critic minimises.
     *
     * @param real its scores of real samples, (N, ...)
     * @param fake its scores of generated ones, (M, ...); usually of samples cut from the generator's graph
     * @return a scalar, owned by the generated scores' manager
     * @throws IllegalArgumentException if the shapes differ beyond the first axis or one is empty
     */
    public NDArray critic(NDArray real, NDArray fake) {
        GanLoss.checkBatches(real, fake);
        return fake.mean().sub(real.mean());
    }

    /**
     * Computes what the generator minimises.
     *
     * @param fake the critic's scores of generated samples, any shape
     * @return a scalar, owned by the scores' manager
     * @throws IllegalArgumentException if there are no scores
     */
    public NDArray generator(NDArray fake) {
        GanLoss.checkSome(fake);
        return fake.mean().neg();
    }
}
