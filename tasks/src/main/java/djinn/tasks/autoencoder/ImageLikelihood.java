package djinn.tasks.autoencoder;

import ai.djl.ndarray.NDArray;
import djinn.losses.BernoulliNll;
import djinn.losses.GaussianNll;
import djinn.losses.LossFunction;
import djinn.ops.Default;
import djinn.ops.Scalars;
import djinn.zoo.generative.PixelLikelihood;
import java.util.OptionalDouble;

/**
 * How likely an image is, given what was drawn of its vector: of pixels whose brightness goes from 0 to 1.
 *
 * @param name {@code bernoulli}, each pixel black or white with a probability of its own, or {@code gaussian}, normally
 *     distributed around what was drawn
 * @param deviation of {@code gaussian}, in brightness; 0.1 if left out
 * @param binarized whether every pixel is first drawn black or white by its brightness, anew each time (Salakhutdinov and
 *     Murray 2008): with {@code bernoulli} only
 */
public record ImageLikelihood(
        @Default("bernoulli") PixelLikelihood name,
        OptionalDouble deviation,
        @Default("false") boolean binarized) {

    private static final double USUAL_DEVIATION = .1;

    /** Checks what goes together. */
    public ImageLikelihood {
        boolean bernoulli = name == PixelLikelihood.BERNOULLI;
        if (deviation.isPresent() && (bernoulli || !(deviation.getAsDouble() > 0))) {
            throw new IllegalArgumentException(
                    "expected a deviation above 0, and only with the name gaussian, got " + deviation.getAsDouble());
        }
        if (binarized && !bernoulli) {
            throw new IllegalArgumentException("expected binarized with the name bernoulli, got it with gaussian");
        }
    }

    /** Returns what is lowered: of the decoder's parameters and the brightness. */
    LossFunction loss() {
        return name == PixelLikelihood.BERNOULLI
                ? new BernoulliNll()
                : new GaussianNll(deviation.orElse(USUAL_DEVIATION));
    }

    /**
     * Returns the images that are learnt: as they are, or black and white.
     *
     * @param images (N, C, H, W) within -1 to 1
     */
    NDArray learnt(NDArray images) {
        if (!binarized) {
            return images;
        }
        NDArray drawn = images.getManager()
                .randomUniform(0, 1, images.getShape())
                .lt(brightness(images))
                .toType(images.getDataType(), false);
        return drawn.add(drawn).sub(1);
    }

    /** Returns the brightness, from 0 to 1, of images within -1 to 1. */
    static NDArray brightness(NDArray images) {
        return Scalars.mul(images.add(1), .5);
    }
}
