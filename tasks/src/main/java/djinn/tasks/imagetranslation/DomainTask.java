package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Augmentation;
import djinn.data.DomainBatch;
import djinn.data.ImageLoader;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Splits;
import djinn.inference.Tensor;
import djinn.metrics.Metrics;
import djinn.ops.Autograd;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.predict.generative.DrawnImages;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.exhibit.ShownPixels;
import djinn.tasks.generative.SampleSheets;
import djinn.tasks.generative.Samples;
import djinn.tasks.images.Parts;
import djinn.training.Task;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A task that learns to translate images of one domain to another, from images of both, and shows after each epoch what it
 * makes of held-out ones.
 */
public abstract class DomainTask implements Task<DomainBatch> {

    private final Splits a;
    private final Splits b;
    private final Reading reading;
    private final MemoryFormat format;
    private final SampleSheets sheets;
    private final Parts<ImageLoader> loadersA;
    private final Parts<ImageLoader> loadersB;

    /**
     * How images are read.
     *
     * @param preprocessing brings them to the generators' size and values
     * @param augment changes of training images, in order
     * @param onError what becomes of an image that cannot be read
     * @param cacheMb how many megabytes of decoded images are kept, of both domains
     */
    protected record Reading(Preprocessing preprocessing, List<Augmentation> augment, OnError onError, int cacheMb) {

        /** Copies the list. */
        public Reading {
            augment = List.copyOf(augment);
        }
    }

    /**
     * A task; images are not read yet.
     *
     * @param a the first domain
     * @param b the second
     * @param reading how they are read
     * @param format how the networks want images in memory
     * @param sheet what is drawn after each epoch
     * @param columns images of a row of it
     * @throws IllegalArgumentException if the sheet would be too large
     */
    protected DomainTask(
            Splits a, Splits b, Reading reading, MemoryFormat format, TranslationSheet sheet, int columns) {
        this.a = a;
        this.b = b;
        this.reading = reading;
        this.format = format;
        sheets = new SampleSheets(new Samples(sheet.rows(), columns, 0), reading.preprocessing.height());
        loadersA = loaders(a);
        loadersB = loaders(b);
    }

    private Parts<ImageLoader> loaders(Splits domain) {
        double share = (double) images(domain) / (images(a) + images(b));
        return Parts.of(
                (long) (reading.cacheMb * 1e6 * share),
                domain.train().size(),
                domain.validation().size(),
                room -> new ImageLoader(domain.train(), reading.preprocessing, reading.augment, reading.onError, room),
                room -> new ImageLoader(domain.validation(), reading.preprocessing, List.of(), reading.onError, room));
    }

    private static long images(Splits domain) {
        return (long) domain.train().size() + domain.validation().size();
    }

    /** Returns the first domain's images, listed. */
    protected final Splits a() {
        return a;
    }

    /** Returns the second domain's images, listed. */
    protected final Splits b() {
        return b;
    }

    /** Returns what reads the first domain's images. */
    protected final Parts<ImageLoader> loadersA() {
        return loadersA;
    }

    /** Returns what reads the second domain's images. */
    protected final Parts<ImageLoader> loadersB() {
        return loadersB;
    }

    /** Returns a batch's images of the first domain, as the networks want them in memory: (N, C, H, W). */
    protected final NDArray imagesA(DomainBatch batch, NDManager owner) {
        return format.of(batch.a().images(owner));
    }

    /** Returns a batch's images of the second domain in the same way. */
    protected final NDArray imagesB(DomainBatch batch, NDManager owner) {
        return format.of(batch.b().images(owner));
    }

    @Override
    public final Optional<NDList> productInput(NDManager owner) {
        Preprocessing own = reading.preprocessing;
        return Optional.of(
                new NDList(owner.randomUniform(-1, 1, new Shape(1, own.channels(), own.height(), own.width()))));
    }

    @Override
    public final String dataFingerprint() {
        return a.fingerprint() + " " + b.fingerprint();
    }

    @Override
    public final Map<String, String> skipped() {
        Map<String, String> skipped = new HashMap<>();
        for (Parts<ImageLoader> domain : List.of(loadersA, loadersB)) {
            skipped.putAll(domain.train().skipped());
            skipped.putAll(domain.validation().skipped());
        }
        return skipped;
    }

    /** What is made of an image. */
    @FunctionalInterface
    protected interface Maker {

        /**
         * Makes it.
         *
         * @param image (1, C, H, W), -1 to 1
         * @param pass in which nothing is learnt
         * @return images (1, C, H, W), -1 to 1
         */
        List<NDArray> make(NDArray image, Pass pass);
    }

    /**
     * Returns the first held-out images of a domain, as far as they can be read.
     *
     * @param domain its loaders
     * @param most how many
     */
    protected static List<Pixels> firstHeldOut(Parts<ImageLoader> domain, int most) {
        ImageLoader loader = domain.validation();
        // nothing is drawn for held-out images: any seed will do
        return IntStream.range(0, Math.min(most, loader.size()))
                .mapToObj(index -> loader.load(index, 0, 0))
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * Makes something of images, of one at a time, by running statistics and without gradients.
     *
     * @param images as loaders give them
     * @param maker makes it
     * @return a row for each: the image, and what was made of it
     */
    protected final List<List<Pixels>> rows(List<Pixels> images, Maker maker) {
        List<List<Pixels>> rows = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (Pixels image : images) {
                List<Pixels> row = new ArrayList<>(List.of(image));
                try (NDManager owner = manager.newSubManager()) {
                    NDArray x = format.of(ImageTranslator.array(image, reading.preprocessing, owner));
                    maker.make(x, pass).forEach(made -> row.addAll(DrawnImages.pixels(Tensor.of(made))));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /**
     * Writes the sheet of an epoch.
     *
     * @param rows its images; none are written of none
     * @param epoch from 0 on
     * @param folder the run's
     */
    protected final void writeSheet(List<List<Pixels>> rows, int epoch, Path folder) {
        if (!rows.isEmpty()) {
            sheets.write(rows.stream().flatMap(List::stream).toList(), epoch, folder);
        }
    }

    /** Makes {@code samples.gif} of the sheets. */
    @Override
    public final void conclude(Metrics best, Path folder) {
        sheets.animate(folder);
    }

    /**
     * Returns rows to look at.
     *
     * @param name the gallery's
     * @param told what is in a row
     * @param rows the images
     * @return none if there are none
     */
    protected static Optional<Exhibit> gallery(String name, String told, List<List<Pixels>> rows) {
        List<Gallery.Picture> shown = new ArrayList<>();
        for (List<Pixels> row : rows) {
            shown.add(new Gallery.Picture(
                    "held-out image " + (shown.size() + 1), "", ShownPixels.beside(row), Verdict.NONE));
        }
        return shown.isEmpty() ? Optional.empty() : Optional.of(new Gallery(name, told, shown));
    }
}
