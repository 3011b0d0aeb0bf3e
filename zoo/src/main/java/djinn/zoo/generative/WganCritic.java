package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;

/**
 * A critic of images whose mean difference between real and drawn ones estimates their Wasserstein distance: images (N,
 * channels, size, size) to scores (N) of any size.
 *
 * <p>Arjovsky et al. 2017 and Gulrajani et al. 2017: DCGAN's discriminator, with biases, and without batch norm, which
 * would tie the samples of a batch together where the gradient penalty is meant for each (section 4 of the latter). The
 * generator is {@link Dcgan.Generator}. State: {@code main}, convolutions at 0, 2, 4 ...
 */
public final class WganCritic extends ArrayBlock {

    private final Dcgan.Config config;
    private final int scores;
    private final Sequential main;

    /**
     * A critic of one score.
     *
     * @param config what varies
     */
    public WganCritic(Dcgan.Config config) {
        this(config, 1);
    }

    /**
     * A critic.
     *
     * @param config what varies
     * @param scores of each image: the output is (N) if that is 1, else (N, scores)
     */
    public WganCritic(Dcgan.Config config, int scores) {
        this.config = config;
        this.scores = scores;
        main = child("main", Sequential.of(Dcgan.layers(config, scores, false)));
    }

    /**
     * Scores images.
     *
     * @throws IllegalArgumentException if the images are of another size
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Dcgan.judge(main, x, config, scores, pass);
    }
}
