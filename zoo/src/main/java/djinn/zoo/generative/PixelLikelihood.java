package djinn.zoo.generative;

/** What a decoder's last layer says of the brightness of pixels, which goes from 0 to 1. */
public enum PixelLikelihood {
    /** Logits of a pixel being white: the brightness is their sigmoid. */
    BERNOULLI,
    /** The mean of a normal distribution of the brightness. */
    GAUSSIAN
}
