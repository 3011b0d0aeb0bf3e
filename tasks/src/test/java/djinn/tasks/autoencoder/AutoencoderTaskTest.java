package djinn.tasks.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Digits;
import djinn.data.Pixels;
import djinn.export.Exporter;
import djinn.inference.Sampling;
import djinn.inference.Tensor;
import djinn.inference.TensorModel;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.ImageGenerator;
import djinn.predict.autoencoder.ImageAutoencoder;
import djinn.predict.generative.DrawnImages;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import djinn.zoo.generative.PixelLikelihood;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutoencoderTaskTest {

    @TempDir
    private static Path folder;

    private static final List<TrainingEvent.EpochEnded> EPOCHS = new ArrayList<>();
    private static Path run;

    private static AutoencoderRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), """
                task: autoencoder
                seed: 5
                model: {name: vae, latent: 4, width: 4, hidden: 16}
                data: {source: digits, size: 8}
                beta: 2
                samples: {rows: 2, columns: 3, seed: 9}
                optimizer: {name: adam, lr: 3e-3}
                train: {epochs: 3, batch_size: 128}
                """);
        return (AutoencoderRecipe) Recipes.read(file, List.of(overrides));
    }

    private static Path train(String name, List<TrainingEvent.EpochEnded> epochs, String... overrides)
            throws IOException {
        TrainingRun training = TrainingRun.start(recipe(overrides), folder, name, List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                epochs.add(ended);
            }
        }));
        assertThat(training.fit()).isEqualTo(Ending.COMPLETED);
        return folder.resolve(name);
    }

    @BeforeAll
    static void train() throws IOException {
        run = train("vae", EPOCHS);
    }

    private static List<Pixels> digits(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Digits.splits().validation().image(i, 1))
                .toList();
    }

    @Test
    void theBoundIsMadeOfItsTwoTermsAndRises() {
        assertThat(EPOCHS).hasSize(3).allSatisfy(epoch -> {
            for (Map<String, Double> figures : List.of(epoch.train(), epoch.validation())) {
                assertThat(figures).containsOnlyKeys("loss", "elbo", "reconstruction", "kl", "mse");
                double reconstruction = figures.get("reconstruction");
                double kl = figures.get("kl");
                assertThat(kl).isPositive();
                assertThat(figures.get("elbo")).isCloseTo(-reconstruction - kl, within(1e-9));
                assertThat(figures.get("loss")).isCloseTo(reconstruction + 2 * kl, within(1e-3));
                assertThat(figures.get("mse")).isBetween(0., .5);
            }
        });
        assertThat(EPOCHS.get(2).validation().get("elbo"))
                .isGreaterThan(EPOCHS.get(0).validation().get("elbo"));
    }

    @Test
    void sheetsShowSamplesAndReconstructions() throws IOException {
        for (String name : List.of("samples/epoch-0001.png", "samples/epoch-0003.png")) {
            assertThat(ImageIO.read(run.resolve(name).toFile()).getWidth()).isEqualTo(2 + 3 * 10);
        }
        assertThat(run.resolve("samples.gif")).isNotEmptyFile();
        var sheet = ImageIO.read(run.resolve("reconstructions/epoch-0003.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(2 + 6 * 10);
        assertThat(sheet.getHeight()).isEqualTo(2 + 2 * 10);
        Pixels first = Pixels.of(sheet.getSubimage(2, 2, 8, 8), 1);
        assertThat(first).isEqualTo(digits(1).get(0));
        try (ImageAutoencoder coder = ImageAutoencoder.open(run)) {
            Pixels drawn = coder.decode(coder.encode(digits(1))).get(0);
            assertThat(largestDifference(Pixels.of(sheet.getSubimage(12, 2, 8, 8), 1), drawn))
                    .isLessThanOrEqualTo(1);
        }
    }

    private static int largestDifference(Pixels a, Pixels b) {
        return IntStream.range(0, a.values().length)
                .map(i -> Math.abs(Byte.toUnsignedInt(a.values()[i]) - Byte.toUnsignedInt(b.values()[i])))
                .max()
                .orElseThrow();
    }

    @Test
    void imagesBecomeVectorsAndVectorsImagesInAnyThread() {
        try (ImageAutoencoder coder = ImageAutoencoder.open(run)) {
            List<Pixels> images = digits(70);
            List<float[]> vectors = coder.encode(images);
            assertThat(vectors)
                    .hasSize(70)
                    .allSatisfy(vector -> assertThat(vector).hasSize(4));
            List<Pixels> drawn = coder.decode(vectors);
            assertThat(drawn).hasSize(70).allSatisfy(image -> assertThat(image).hasToString("8x8x1"));
            assertThat(vectors.get(0)).isNotEqualTo(vectors.get(1));
            List<List<Pixels>> again = IntStream.range(0, 4)
                    .parallel()
                    .mapToObj(i -> coder.decode(coder.encode(images)))
                    .toList();
            assertThat(again).allSatisfy(each -> assertThat(each).isEqualTo(drawn));
            // another size and colours are brought to the model's
            Pixels large = new Pixels(16, 16, 3, new byte[16 * 16 * 3]);
            assertThat(coder.encode(List.of(large)).get(0))
                    .isEqualTo(coder.encode(List.of(new Pixels(8, 8, 1, new byte[64])))
                            .get(0));
            assertThatThrownBy(() -> coder.decode(List.of(new float[5])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4 values, got one of 5");
        }
    }

    @Test
    void samplesDependOnSeedAndPlaceAlone() {
        try (ImageGenerator generator = ImageGenerator.open(run)) {
            List<Pixels> some = generator.generate(5, 1);
            assertThat(generator.generate(70, 1))
                    .startsWith(some.toArray(Pixels[]::new))
                    .hasSize(70);
            assertThat(generator.generate(5, 2)).isNotEqualTo(some);
            assertThat(generator.choices())
                    .containsExactlyInAnyOrder(Sampling.Choice.INTERPOLATION, Sampling.Choice.TRUNCATION);
            // a row goes from one vector to another: the first of each are two places' own
            List<Pixels> row = generator.generate(Sampling.of(8, 1).withInterpolation());
            assertThat(row.get(0)).isEqualTo(some.get(0));
            assertThat(row.get(7)).isEqualTo(some.get(1));
            assertThat(generator.generate(Sampling.of(5, 1).withTruncation(.5))).isNotEqualTo(some);
            assertThatThrownBy(() -> generator.generate(Sampling.of(5, 1).withSteps(3)))
                    .hasMessageContaining("steps");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".onnx", ".pt", ".safetensors"})
    void theDecoderByItselfMakesTheSameImages(String ending) throws IOException {
        Path file = folder.resolve("decoder" + ending);
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of());
                NDManager manager = PyTorch.newManager()) {
            if (ending.equals(".safetensors")) {
                var part = trained.part("decoder", manager);
                Safetensors.write(file, StateDict.of(part.block()), part.metadata());
            } else {
                assertThat(trained.exportPart("decoder", file, 1, Exporter.Settings.DEFAULT)
                                .file())
                        .isEqualTo(file);
            }
            assertThatThrownBy(() -> trained.part("decoders", manager)).hasMessageContaining("decoder");
        }
        try (ImageGenerator own = ImageGenerator.open(run);
                ImageGenerator part = ImageGenerator.open(file)) {
            List<Pixels> expected = own.generate(5, 3);
            List<Pixels> actual = part.generate(5, 3);
            for (int i = 0; i < 5; i++) {
                assertThat(largestDifference(actual.get(i), expected.get(i))).isLessThanOrEqualTo(1);
            }
        }
        assertThatThrownBy(() -> ImageAutoencoder.open(file)).hasMessageContaining("the decoder alone");
    }

    @Test
    void theWholeAndTheEncoderExport() {
        Path whole = folder.resolve("whole.onnx");
        Path encoder = folder.resolve("encoder.onnx");
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            trained.export(whole, 1, Exporter.Settings.DEFAULT);
            trained.exportPart("encoder", encoder, 1, Exporter.Settings.DEFAULT);
        }
        assertThatThrownBy(() -> ImageGenerator.open(whole)).hasMessageContaining("--part decoder");
        assertThatThrownBy(() -> ImageGenerator.open(encoder)).hasMessageContaining("the encoder alone");
        try (TensorModel encoding = TensorModel.open(encoder, Optional.empty());
                TensorModel both = TensorModel.open(whole, Optional.empty());
                ImageAutoencoder coder = ImageAutoencoder.open(run);
                NDManager manager = PyTorch.newManager()) {
            Pixels digit = digits(1).get(0);
            float[] values = new float[64];
            for (int i = 0; i < values.length; i++) {
                values[i] = Byte.toUnsignedInt(digit.values()[i]) / 127.5f - 1;
            }
            NDArray image = manager.create(values, new Shape(1, 1, 8, 8));
            NDList distribution = encoding.forward(image);
            assertThat(distribution).hasSize(2);
            float[] mean = coder.encode(List.of(digit)).get(0);
            assertThat(distribution.get(0).toFloatArray()).containsExactly(mean, within(1e-5f));
            assertThat(distribution.get(1).getShape()).isEqualTo(new Shape(1, 4));
            Pixels drawn =
                    DrawnImages.pixels(Tensor.of(both.forward(image).head())).get(0);
            assertThat(largestDifference(drawn, coder.decode(List.of(mean)).get(0)))
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aPlainAutoencoderHasVectorsAndNoDistribution() throws IOException {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        Path plain = train(
                "plain",
                epochs,
                "model.name=autoencoder",
                "beta=null",
                "likelihood={name: gaussian, deviation: 0.2}",
                "train.epochs=2");
        assertThat(epochs.get(1).validation()).containsOnlyKeys("loss", "mse");
        // 64 pixels: squared errors over 2 s^2, and the density's constant
        double mse = epochs.get(1).validation().get("mse");
        assertThat(epochs.get(1).validation().get("loss"))
                .isCloseTo(64 * (mse / .08 + Math.log(.2) + Math.log(2 * Math.PI) / 2), within(1e-3));
        assertThat(plain.resolve("samples")).doesNotExist();
        assertThat(plain.resolve("reconstructions/epoch-0002.png")).isNotEmptyFile();
        try (ImageAutoencoder coder = ImageAutoencoder.open(plain)) {
            assertThat(coder.decode(coder.encode(digits(2)))).hasSize(2);
        }
        assertThatThrownBy(() -> ImageGenerator.open(plain))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("{name: vae}");
    }

    @Test
    void binarizedPixelsAreBlackOrWhiteByTheirBrightness() {
        ImageLikelihood likelihood = new ImageLikelihood(PixelLikelihood.BERNOULLI, OptionalDouble.empty(), true);
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            NDArray images = manager.full(new Shape(100, 1, 10, 10), .5f);
            NDArray drawn = likelihood.learnt(images);
            assertThat(drawn.abs().min().getFloat()).isEqualTo(1);
            assertThat(drawn.abs().max().getFloat()).isEqualTo(1);
            assertThat(ImageLikelihood.brightness(drawn).mean().getFloat()).isCloseTo(.75f, within(.02f));
            NDArray black = manager.full(new Shape(2, 2), -1f);
            assertThat(likelihood.learnt(black).toFloatArray()).containsOnly(-1);
        }
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> recipe("model.name=autoencoder")).hasMessageContaining("beta");
        assertThatThrownBy(() -> recipe("beta=-1")).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> recipe("likelihood.deviation=0.1")).hasMessageContaining("gaussian");
        assertThatThrownBy(() -> recipe("likelihood={name: gaussian, binarized: true}"))
                .hasMessageContaining("bernoulli");
        assertThatThrownBy(() -> recipe("data.size=9")).hasMessageContaining("got 9");
        assertThatThrownBy(() -> recipe("model.latent=0")).hasMessageContaining("latent");
        assertThatThrownBy(() -> ImageAutoencoder.open(folder.resolve("nothing")))
                .isInstanceOf(DataException.class);
    }
}
