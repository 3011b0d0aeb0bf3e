package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import djinn.zoo.language.Recorded;
import djinn.zoo.nn.Pass;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCoderTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static ImageCoder.Config narrow(int size, PixelLikelihood likelihood) {
        return new ImageCoder.Config(2, size, 3, 2, 5, likelihood);
    }

    @Test
    void vaeEqualsTheProgramInPytorch() {
        ConvVae vae = new ConvVae(narrow(16, PixelLikelihood.BERNOULLI));
        NDArray images = Formula.input(manager, "images", new Shape(2, 2, 16, 16));
        NDArray noise = Formula.input(manager, "noise", new Shape(2, 3));
        Recorded.of(manager, "generative", "autoencoders", "vae").assertSame(vae, pass -> {
            ConvVae.Posterior posterior = vae.encoder().posterior(images, pass);
            return new NDList(
                    vae.decoder().parameters(posterior.draw(noise), pass),
                    posterior.mean(),
                    posterior.logVariance(),
                    vae.forward(images, pass));
        });
    }

    @Test
    void autoencoderEqualsTheProgramInPytorch() {
        ConvAutoencoder coder = new ConvAutoencoder(narrow(16, PixelLikelihood.GAUSSIAN));
        NDArray images = Formula.input(manager, "images", new Shape(2, 2, 16, 16));
        Recorded.of(manager, "generative", "autoencoders", "autoencoder")
                .assertSame(coder, pass -> new NDList(coder.forward(images, pass), coder.encode(images, pass)));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 28, 32, 64})
    void imagesOfEverySizeComeBackInTheirShape(int size) {
        ImageCoder.Config config = narrow(size, PixelLikelihood.BERNOULLI);
        for (ImageCoder coder : new ImageCoder[] {new ConvVae(config), new ConvAutoencoder(config)}) {
            Recorded.filled(manager, coder);
            NDArray images = Formula.input(manager, "images", new Shape(3, 2, size, size));
            Pass pass = Recorded.pass(manager, false);
            NDArray vectors = coder.encode(images, pass);
            assertThat(vectors.getShape()).isEqualTo(new Shape(3, 3));
            NDArray drawn = coder.forward(images, pass);
            assertThat(drawn.getShape()).isEqualTo(images.getShape());
            assertThat(drawn.abs().max().getFloat()).isLessThanOrEqualTo(1);
            Recorded.assertNear("drawn", coder.decoder().forward(vectors, pass), drawn);
        }
    }

    /** Counted by hand: convolutions 16 w + b, 512 * 64 + 64; linear layers of 3,136 * 256, 256 * 20, and so on. */
    @Test
    void mnistsNetworkHasItsSize() {
        long encoder = 16 * 32 + 32 + 16 * 32 * 64 + 64 + 3136 * 256 + 256 + 2 * (256 * 20 + 20);
        long decoder = 20 * 256 + 256 + 256 * 3136 + 3136 + 16 * 64 * 32 + 32 + 16 * 32 + 1;
        ConvVae vae = new ConvVae(ImageCoder.Config.mnist());
        assertThat(vae.encoder().parameterCount()).isEqualTo(encoder);
        assertThat(vae.decoder().parameterCount()).isEqualTo(decoder);
        assertThat(vae.parameterCount()).isEqualTo(encoder + decoder);
    }

    /** A vector is mean plus deviation times noise: of a log variance of ln 4, twice the noise. */
    @Test
    void vectorsAreDrawnByMeanAndDeviation() {
        ConvVae.Posterior posterior = new ConvVae.Posterior(
                manager.create(new float[] {1, -1}, new Shape(1, 2)),
                manager.full(new Shape(1, 2), (float) Math.log(4)));
        NDArray drawn = posterior.draw(manager.create(new float[] {.5f, -3}, new Shape(1, 2)));
        Recorded.assertNear("drawn", drawn, manager.create(new float[] {2, -7}, new Shape(1, 2)));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        for (int size : new int[] {6, 7, 9, 18, 30, 36, 100}) {
            assertThatThrownBy(() -> narrow(size, PixelLikelihood.BERNOULLI)).hasMessageContaining("got " + size);
        }
        assertThatThrownBy(() -> new ImageCoder.Config(1, 8, 0, 4, 4, PixelLikelihood.BERNOULLI))
                .hasMessageContaining("1, 0, 4 and 4");
        ConvVae vae = Recorded.filled(manager, new ConvVae(narrow(8, PixelLikelihood.BERNOULLI)));
        Pass pass = Recorded.pass(manager, false);
        assertThatThrownBy(() -> vae.forward(manager.zeros(new Shape(1, 2, 8, 9)), pass))
                .hasMessageContaining("(N, 2, 8, 8), got (1, 2, 8, 9)");
        assertThatThrownBy(() -> vae.decoder().forward(manager.zeros(new Shape(1, 4)), pass))
                .hasMessageContaining("(N, 3), got (1, 4)");
    }
}
