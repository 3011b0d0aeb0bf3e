package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Images to vectors and back: (N, channels, size, size) within -1 to 1 to images in the same shape.
 *
 * <p>{@code encoder} and {@code decoder} are children, which can be handed on by themselves.
 */
public abstract sealed class ImageCoder extends ArrayBlock permits ConvAutoencoder, ConvVae {

    private static final int KERNEL = 4;

    /** Maps of more rows than this are halved once more. */
    private static final int LARGEST_INNER = 7;

    private static final int SMALLEST_INNER = 4;

    /**
     * What varies.
     *
     * @param channels C of the images
     * @param size H and W of the images, 4 to 7 times a power of two: 8, 16, 28, 32, 64 ...
     * @param latent the length of a vector
     * @param width the channels next to the image; they double as the maps halve
     * @param hidden the values between the smallest maps and the vector
     * @param likelihood what the decoder's last layer says of a pixel
     */
    public record Config(int channels, int size, int latent, int width, int hidden, PixelLikelihood likelihood) {

        /** Checks that there are channels and that the size can be halved down to 4 to 7. */
        public Config {
            if (channels < 1 || latent < 1 || width < 1 || hidden < 1) {
                throw new IllegalArgumentException("expected channels, latent, width and hidden of at least 1, got "
                        + channels + ", " + latent + ", " + width + " and " + hidden);
            }
            if (size <= LARGEST_INNER || inner(size) < SMALLEST_INNER) {
                throw new IllegalArgumentException("expected a size that halves evenly down to 4 to 7, such as 8, 16,"
                        + " 28, 32 or 64, got " + size);
            }
        }

        /** MNIST's images, 20 values, channels of 32 and 64, 256 values between. */
        public static Config mnist() {
            return new Config(1, 28, 20, 32, 256, PixelLikelihood.BERNOULLI);
        }

        /** H and W of the smallest maps; 0 if the halvings do not come out even. */
        private static int inner(int size) {
            int edge = size;
            while (edge > LARGEST_INNER) {
                if (edge % 2 != 0) {
                    return 0;
                }
                edge /= 2;
            }
            return edge;
        }

        /** H and W of the smallest maps. */
        int inner() {
            return inner(size);
        }

        int halvings() {
            return Integer.numberOfTrailingZeros(size / inner());
        }

        /** C of the smallest maps. */
        int innerChannels() {
            return width << (halvings() - 1);
        }

        /** The values of the smallest maps. */
        int innerValues() {
            return innerChannels() * inner() * inner();
        }
    }

    private final Config config;
    private final ConvDecoder decoder;

    /**
     * A coder; a child {@code encoder} goes before its decoder.
     *
     * @param config what varies
     * @param encoder the encoder
     */
    ImageCoder(Config config, NamedBlock encoder) {
        this.config = config;
        child("encoder", encoder);
        decoder = child("decoder", new ConvDecoder(config));
    }

    /** Returns what varies. */
    public final Config config() {
        return config;
    }

    /** Returns what makes images of vectors. */
    public final ConvDecoder decoder() {
        return decoder;
    }

    /**
     * Returns the vector that stands for each image.
     *
     * @param images (N, channels, size, size), within -1 to 1
     * @param pass the pass
     * @return (N, latent)
     * @throws IllegalArgumentException if the images are of another size
     */
    public abstract NDArray encode(NDArray images, Pass pass);

    /**
     * Makes images of their vectors.
     *
     * @throws IllegalArgumentException if the images are of another size
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return decoder.forward(encode(x, pass), pass);
    }

    /** The layers from images to the values before the vector: convolutions that halve, then a linear layer. */
    static Sequential halving(Config config) {
        List<ArrayBlock> layers = new ArrayList<>();
        Window half = Window.of(KERNEL).stride(2).padding(1);
        int channels = config.channels;
        for (int i = 0; i < config.halvings(); i++) {
            layers.add(new Conv2d(channels, config.width << i, half));
            layers.add(Nonlinearity.RELU.layer());
            channels = config.width << i;
        }
        layers.add(new Flatten());
        layers.add(new Linear(config.innerValues(), config.hidden));
        layers.add(Nonlinearity.RELU.layer());
        return Sequential.of(layers);
    }

    /** Refuses images of another size. */
    static NDArray fitting(NDArray x, Config config) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || !shape.slice(1).equals(new Shape(config.channels, config.size, config.size))) {
            throw new IllegalArgumentException("expected images (N, " + config.channels + ", " + config.size + ", "
                    + config.size + "), got " + shape);
        }
        return x;
    }
}
