package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.SmallGan;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final String TASK = "djinn.task";
    private static final String MODEL = "djinn.model";
    private static final String NAME = "small_gan";

    private final NDManager manager;
    private final SmallGan.Generator generator;

    private ImageGenerator(NDManager manager, SmallGan.Generator generator) {
        this.manager = manager;
        this.generator = generator;
    }

    /**
     * Opens a generator.
     *
     * @param model the folder of a run, or its {@code best.safetensors}
     * @return the generator, to be closed
     * @throws DataException if the file is missing, damaged, or of another task
     */
    public static ImageGenerator open(Path model) {
        Path file = Files.isDirectory(model) ? model.resolve("best.safetensors") : model;
        NDManager manager = PyTorch.newManager();
        try (Safetensors weights = Safetensors.open(file);
                NDManager reading = manager.newSubManager()) {
            SmallGan.Generator generator = new SmallGan.Generator(config(file, weights.metadata()));
            generator.initialize(manager);
            StateDict.load(generator, weights.readAll(reading), file.toString());
            return new ImageGenerator(manager, generator);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** What a file of weights says, so that it can be opened. */
    static Map<String, String> metadata(String task, SmallGan.Config config) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(TASK, task);
        metadata.put(MODEL, NAME);
        metadata.put("djinn.channels", Integer.toString(config.channels()));
        metadata.put("djinn.size", Integer.toString(config.size()));
        metadata.put("djinn.latent", Integer.toString(config.latent()));
        metadata.put("djinn.width", Integer.toString(config.width()));
        return metadata;
    }

    private static SmallGan.Config config(Path file, Map<String, String> metadata) {
        if (!NAME.equals(metadata.get(MODEL))) {
            throw new DataException(file + ": expected the weights of a generator of images, which say " + MODEL + "="
                    + NAME + ", got "
                    + (metadata.containsKey(MODEL) ? metadata.get(MODEL) : "a file that does not say what it is")
                    + "; take best.safetensors of a run whose task is gan");
        }
        try {
            return new SmallGan.Config(
                    number(file, metadata, "djinn.channels"),
                    number(file, metadata, "djinn.size"),
                    number(file, metadata, "djinn.latent"),
                    number(file, metadata, "djinn.width"));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": " + e.getMessage(), e);
        }
    }

    private static int number(Path file, Map<String, String> metadata, String key) {
        String value = metadata.getOrDefault(key, "nothing");
        if (!value.matches("[0-9]{1,6}")) {
            throw new DataException(file + ": expected a whole number as " + key + ", got " + value
                    + "; the file is damaged or not from djinn");
        }
        return Integer.parseInt(value);
    }

    /** Returns what varies in the generator: the images' channels and size, the random vectors' length. */
    public SmallGan.Config config() {
        return generator.config();
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
        return draw(generator, count, seed);
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

    /** Draws with a generator's running statistics. */
    static List<Pixels> draw(SmallGan.Generator generator, int count, long seed) {
        List<Pixels> images = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (int first = 0; first < count; first += BATCH) {
                try (NDManager owner = manager.newSubManager()) {
                    NDArray drawn =
                            generator.forward(noise(owner, generator.config().latent(), first, seed), pass);
                    images.addAll(pixels(drawn).subList(0, Math.min(BATCH, count - first)));
                }
            }
        }
        return images;
    }

    private static NDArray noise(NDManager owner, int latent, int first, long seed) {
        float[] values = new float[BATCH * latent];
        for (int n = 0; n < BATCH; n++) {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, first + n));
            for (int i = 0; i < latent; i++) {
                values[n * latent + i] = (float) random.nextGaussian();
            }
        }
        return owner.create(values, new Shape(BATCH, latent));
    }

    /** From (N, C, H, W) within -1 to 1 to the nearest bytes. */
    static List<Pixels> pixels(NDArray images) {
        Shape shape = images.getShape();
        int channels = (int) shape.get(1);
        int area = (int) (shape.get(2) * shape.get(3));
        float[] values = images.toFloatArray();
        List<Pixels> pixels = new ArrayList<>();
        for (int n = 0; n < shape.get(0); n++) {
            byte[] bytes = new byte[channels * area];
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < area; i++) {
                    float value = values[(n * channels + c) * area + i];
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
        manager.close();
    }
}
