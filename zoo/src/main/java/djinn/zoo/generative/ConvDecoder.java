package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Vectors (N, latent) to images (N, channels, size, size) within -1 to 1: two linear layers, then transposed convolutions
 * of kernel 4 and stride 2, a ReLU behind all but the last.
 *
 * <p>State: {@code dense} with linear layers at 0 and 2, {@code main} with a transposed convolution at every even place.
 */
public final class ConvDecoder extends ArrayBlock {

    private static final int KERNEL = 4;

    private final ImageCoder.Config config;
    private final Sequential dense;
    private final Sequential main;

    /**
     * A decoder.
     *
     * @param config what varies
     */
    public ConvDecoder(ImageCoder.Config config) {
        this.config = config;
        dense = child(
                "dense",
                Sequential.of(
                        new Linear(config.latent(), config.hidden()),
                        Nonlinearity.RELU.layer(),
                        new Linear(config.hidden(), config.innerValues()),
                        Nonlinearity.RELU.layer()));
        List<ArrayBlock> layers = new ArrayList<>();
        Geometry twice = new Geometry(2, 1, 0, 1, 1);
        for (int i = config.halvings() - 1; i > 0; i--) {
            layers.add(new ConvTranspose2d(config.width() << i, config.width() << (i - 1), KERNEL, twice));
            layers.add(Nonlinearity.RELU.layer());
        }
        layers.add(new ConvTranspose2d(config.width(), config.channels(), KERNEL, twice));
        main = child("main", Sequential.of(layers));
    }

    /** Returns what varies. */
    public ImageCoder.Config config() {
        return config;
    }

    /**
     * Returns what the likelihood is of.
     *
     * @param vectors (N, latent)
     * @param pass the pass
     * @return (N, channels, size, size): logits, or means of the brightness from 0 to 1
     * @throws IllegalArgumentException if the vectors are not (N, latent)
     */
    public NDArray parameters(NDArray vectors, Pass pass) {
        if (vectors.getShape().dimension() != 2 || vectors.getShape().get(1) != config.latent()) {
            throw new IllegalArgumentException(
                    "expected vectors (N, " + config.latent() + "), got " + vectors.getShape());
        }
        NDArray maps = dense.forward(vectors, pass) // (N, C h h)
                .reshape(vectors.getShape().get(0), config.innerChannels(), config.inner(), config.inner());
        return main.forward(maps, pass); // (N, channels, size, size)
    }

    /**
     * Returns the brightness of pixels that {@link #parameters} stand for.
     *
     * @param parameters of any shape
     * @return the shape of the parameters; 0 is black and 1 is white
     */
    public NDArray brightness(NDArray parameters) {
        return config.likelihood() == PixelLikelihood.BERNOULLI ? Activation.sigmoid(parameters) : parameters;
    }

    /**
     * Makes images.
     *
     * @throws IllegalArgumentException if the vectors are not (N, latent)
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray brightness = brightness(parameters(x, pass));
        return brightness.add(brightness).sub(1);
    }
}
