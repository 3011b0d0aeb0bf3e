package djinn.predict;

import djinn.data.ImageGrid;
import djinn.data.ImageSheet;
import djinn.data.Pixels;
import djinn.inference.Answering;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Sampling;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A trained model that makes images, of whichever task.
 *
 * <pre>{@code
 * try (ImageGenerator generator = ImageGenerator.open(Path.of("runs/mnist"))) {
 *     List<Pixels> images = generator.generate(64, 1);
 *     generator.writeSheet(Path.of("sheet.png"), Sampling.of(64, 1));
 * }
 * }</pre>
 *
 * <p>An image depends on the weights, the seed and its place alone: a larger count begins with the same images. May be
 * used from several threads.
 */
public final class ImageGenerator implements AutoCloseable {

    /** Pixels between images of a picture. */
    private static final int MARGIN = 2;

    private final ImageSampler sampler;

    private ImageGenerator(ImageSampler sampler) {
        this.sampler = sampler;
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it
     * @return the model, to be closed
     * @throws DataException if the file is missing, damaged, or of a task whose models make no images
     */
    public static ImageGenerator open(Path model) {
        return open(model, Answerings::of);
    }

    /**
     * Opens a model of a task of a project's own, or of networks of its own.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it
     * @param answering how models answer, by the name of their task
     * @return the model, to be closed
     * @throws DataException if the file is missing, damaged, or of a task whose models make no images
     */
    public static ImageGenerator open(Path model, Function<String, Optional<Answering>> answering) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        return new ImageGenerator(answering
                .apply(file.task())
                .flatMap(own -> own.samples(file, Predictor.Settings.USUAL))
                .orElseThrow(() -> new DataException(
                        file.file() + ": expected a model that makes images, got one of the task " + file.task())));
    }

    /** Returns what the model takes notice of beside the count and the seed. */
    public Set<Sampling.Choice> choices() {
        return sampler.choices();
    }

    /** Returns the classes that the model can be told to make images of; none if it cannot. */
    public List<String> classes() {
        return sampler.classes();
    }

    /**
     * Makes images.
     *
     * @param count how many, at least 1
     * @param seed decides which
     * @return the images, in an order that the seed decides
     * @throws IllegalArgumentException if the count is less than 1
     * @throws IllegalStateException if the model is closed
     */
    public List<Pixels> generate(int count, long seed) {
        return generate(Sampling.of(count, seed));
    }

    /**
     * Makes images.
     *
     * @param sampling which
     * @return the images, all of one size
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws IllegalStateException if the model is closed
     */
    public List<Pixels> generate(Sampling sampling) {
        return sampler.sample(sampling.requireWithin(choices()));
    }

    /**
     * Makes images and hands each on once it is made: however many there are, a batch of them is kept at most.
     *
     * @param sampling which
     * @param taker given the images in their order, all of one size
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws IllegalStateException if the model is closed
     */
    public void generate(Sampling sampling, Consumer<? super Pixels> taker) {
        sampler.sample(sampling.requireWithin(choices()), taker);
    }

    /**
     * Makes images into one picture, as near to a square as whole rows allow; interpolated ones in rows of eight.
     *
     * @param file a PNG file, whose folder must exist
     * @param sampling which
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class; or if the
     *     picture would be of more than 50 million pixels, which is known once the first image is made
     * @throws DataException if the file cannot be written
     */
    public void writeSheet(Path file, Sampling sampling) {
        int columns = sampling.interpolated() ? Sampling.INTERPOLATED : (int) Math.ceil(Math.sqrt(sampling.count()));
        ImageSheet sheet = new ImageSheet(sampling.count(), columns, MARGIN);
        generate(sampling, sheet::add);
        ImageGrid.write(sheet.picture(), file);
    }

    /**
     * Makes images, each into a PNG file of its own, which is written as soon as the image is made: {@code 0001.png} and so
     * on, with more digits for more images.
     *
     * @param folder made if there is none
     * @param sampling which
     * @return the names of the first and the last file
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws DataException if there is something in the folder already, a file cannot be written, or the disk has no room
     *     for so many
     */
    public List<String> writeEach(Path folder, Sampling sampling) {
        generate(sampling, new NumberedImages(folder, sampling.count()));
        return List.of(
                NumberedImages.name(0, sampling.count()), NumberedImages.name(sampling.count() - 1, sampling.count()));
    }

    @Override
    public void close() {
        sampler.close();
    }
}
