package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.inference.Codec;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Tensor;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.SmallGan;
import djinn.zoo.nn.Pass;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A trained generator of images.
 *
 * <pre>{@code
 * try (ImageGenerator generator = ImageGenerator.open(Path.of("runs/mnist"))) {
 *     List<Pixels> images = generator.generate(64, 1);
 *     generator.writeSheet(Path.of("sheet.png"), 64, 1);
 * }
 * }</pre>
 *
 * <p>An image depends on the weights, the seed and its place alone: a larger count begins with the same images. May be
 * used from several threads.
 */
public final class ImageGenerator implements AutoCloseable {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 64;

    private static final int MARGIN = 2;

    private final GeneratorCard card;
    private final Predictor<float[], Pixels> predictor;

    private ImageGenerator(GeneratorCard card, Predictor<float[], Pixels> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /** From random vectors to images. */
    private static final class NoiseCodec implements Codec<float[], Pixels> {

        @Override
        public Encoded<Pixels> encode(List<? extends float[]> inputs, Room room) {
            Shape shape = new Shape(inputs.size(), inputs.get(0).length);
            return new Encoded<>(List.of(room.tensor(joined(inputs), shape)), outputs -> pixels(outputs.get(0)));
        }
    }

    /**
     * Opens a generator.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it
     * @return the generator, to be closed
     * @throws DataException if the file is missing, damaged, or of another task
     */
    public static ImageGenerator open(Path model) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        GeneratorCard card = GeneratorCard.fromMetadata(file.metadata(), file.file());
        Predictor.Settings settings = Predictor.Settings.USUAL.withBatch(BATCH).withFrozen(false);
        return new ImageGenerator(card, Predictor.open(file, card, traits -> new NoiseCodec(), settings, "generator"));
    }

    /** Returns what varies in the generator: the images' channels and size, the random vectors' length. */
    public SmallGan.Config config() {
        return card.config();
    }

    /**
     * Draws images.
     *
     * @param count how many, at least 1
     * @param seed decides which
     * @return the images, in an order that the seed decides
     * @throws IllegalArgumentException if the count is less than 1
     * @throws IllegalStateException if the generator is closed
     */
    public List<Pixels> generate(int count, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException("expected a count of at least 1, got " + count);
        }
        List<float[]> vectors = new ArrayList<>();
        for (int first = 0; first < count; first += BATCH) {
            vectors.addAll(noise(card.config().latent(), first, seed));
        }
        return List.copyOf(predictor.predictAll(vectors).subList(0, count));
    }

    /**
     * Draws images into one picture, as near to a square as whole rows allow.
     *
     * @param file a PNG file, whose folder must exist
     * @param count how many, at least 1
     * @param seed decides which
     * @throws IllegalArgumentException if the count is less than 1
     * @throws DataException if the file cannot be written
     */
    public void writeSheet(Path file, int count, long seed) {
        List<Pixels> images = generate(count, seed);
        ImageGrid.write(sheet(images, (int) Math.ceil(Math.sqrt(count))), file);
    }

    /** Puts images into one picture. */
    static Pixels sheet(List<Pixels> images, int columns) {
        return ImageGrid.of(images, columns, MARGIN);
    }

    /** Draws with the running statistics of a generator that is in training. */
    static List<Pixels> draw(SmallGan.Generator generator, int count, long seed) {
        List<Pixels> images = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            int latent = generator.config().latent();
            for (int first = 0; first < count; first += BATCH) {
                try (NDManager owner = manager.newSubManager()) {
                    NDArray vectors = owner.create(joined(noise(latent, first, seed)), new Shape(BATCH, latent));
                    images.addAll(pixels(Tensor.of(generator.forward(vectors, pass)))
                            .subList(0, Math.min(BATCH, count - first)));
                }
            }
        }
        return images;
    }

    /** The random vectors of a batch. */
    private static List<float[]> noise(int latent, int first, long seed) {
        List<float[]> vectors = new ArrayList<>();
        for (int n = 0; n < BATCH; n++) {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, first + n));
            float[] vector = new float[latent];
            for (int i = 0; i < latent; i++) {
                vector[i] = (float) random.nextGaussian();
            }
            vectors.add(vector);
        }
        return vectors;
    }

    private static float[] joined(List<? extends float[]> vectors) {
        int length = vectors.get(0).length;
        float[] all = new float[vectors.size() * length];
        for (int n = 0; n < vectors.size(); n++) {
            System.arraycopy(vectors.get(n), 0, all, n * length, length);
        }
        return all;
    }

    /** From (N, C, H, W), float32, within -1 to 1 to the nearest bytes. */
    static List<Pixels> pixels(Tensor images) {
        Shape shape = images.shape();
        int channels = (int) shape.get(1);
        int area = (int) (shape.get(2) * shape.get(3));
        FloatBuffer values = images.floats();
        List<Pixels> pixels = new ArrayList<>();
        for (int n = 0; n < shape.get(0); n++) {
            byte[] bytes = new byte[channels * area];
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < area; i++) {
                    float value = values.get((n * channels + c) * area + i);
                    bytes[i * channels + c] = (byte) Math.max(0, Math.min(255, Math.round((value + 1) * 127.5f)));
                }
            }
            pixels.add(new Pixels((int) shape.get(2), (int) shape.get(3), channels, bytes));
        }
        return pixels;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        predictor.close();
    }
}
