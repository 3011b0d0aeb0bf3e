package djinn.tasks.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.data.ImageLoader;
import djinn.inference.Tensor;
import djinn.ops.PyTorch;
import djinn.tasks.exhibit.Confusions;
import djinn.tasks.exhibit.JudgedExamples;
import djinn.tasks.exhibit.PlaneMap;
import djinn.tasks.exhibit.ShownPixels;
import djinn.tasks.images.HeldOutImages;
import djinn.tasks.images.PooledFeatures;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What of a trained classifier of images is worth a look: confusions, mistakes, curves, a map of its features. */
final class ClassificationExhibits {

    /** Images of the map at most. */
    private static final int MAPPED = 1000;

    private final ClassificationTask task;
    private final NamedBlock model;
    private final ImageLoader loader;
    private final int pictures;
    private final List<String> classes;
    private final HeldOutImages images;
    private final JudgedExamples judged;
    private final PlaneMap map = new PlaneMap();

    /** Every so many images one is on the map. */
    private final int mapStep;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param loader reads the held-out images
     * @param pictures the most of a gallery
     */
    ClassificationExhibits(ClassificationTask task, NamedBlock model, ImageLoader loader, int pictures) {
        this.task = task;
        this.model = model;
        this.loader = loader;
        this.pictures = pictures;
        classes = task.card().classes();
        images = new HeldOutImages(task.heldOut(), loader.dataset()::name, loader::skipped);
        judged = new JudgedExamples(classes, loader.dataset().labels(), task.examples(), pictures);
        mapStep = Math.max(1, (loader.size() + MAPPED - 1) / MAPPED);
    }

    /** Looks at all held-out images, once. */
    List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>();
        try (ClassificationFigures figures = task.newFigures()) {
            HeldOutPass.over(task.heldOut(), (batch, owner, pass) -> look(batch, owner, pass, figures));
            all.addAll(Confusions.of(
                    figures.confusion(),
                    classes,
                    "Confusion",
                    "How many held-out images of a class were taken for which"));
            all.add(Confusions.perClass(
                    task.perClass(figures).orElseThrow(), "Figures of every class, of held-out images"));
        }
        add(all, new Gallery("Most wrong", judged.worstNote(), shown(judged.worst())));
        add(all, new Gallery("Drawn at random", judged.drawnNote(), shown(judged.drawn())));
        all.addAll(judged.curves());
        if (!map.isEmpty()) {
            String what = model instanceof Backbone ? "The features before the head, means over places," : "The logits";
            String some = mapStep == 1 ? "all held-out images" : "one of every " + mapStep + " held-out images";
            all.add(map.cloud("Map of images", what + " of " + some));
        }
        add(all, trainingImages());
        return all;
    }

    /** Adds a gallery that has pictures. */
    private static void add(List<Exhibit> all, Gallery gallery) {
        if (!gallery.pictures().isEmpty()) {
            all.add(gallery);
        }
    }

    private void look(ImageBatch batch, NDManager owner, Pass pass, ClassificationFigures figures) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        figures.add(batch, outcome);
        NDArray logits = outcome.answers().get(0);
        List<Integer> places = images.next(batch.size());
        judged.add(places, batch.labels(), logits.toFloatArray());
        int[] mapped = IntStream.range(0, places.size())
                .filter(n -> places.get(n) % mapStep == 0)
                .toArray();
        if (mapped.length == 0) {
            return;
        }
        NDArray rows = features(
                batch, logits, owner.create(IntStream.of(mapped).asLongStream().toArray()), pass);
        float[] values = rows.toFloatArray();
        int width = values.length / mapped.length;
        for (int i = 0; i < mapped.length; i++) {
            float[] vector = new float[width];
            System.arraycopy(values, i * width, vector, 0, width);
            map.add(vector, classes.get(batch.labels()[mapped[i]]), images.name(places.get(mapped[i])));
        }
    }

    /** Features of some images, (M, C); their logits where the network tells none. */
    private NDArray features(ImageBatch batch, NDArray logits, NDArray some, Pass pass) {
        if (!(model instanceof Backbone backbone)) {
            return logits.get(new NDIndex("{}", some));
        }
        NDArray chosen = batch.images(logits.getManager()).get(new NDIndex("{}", some));
        List<NDArray> maps = backbone.forwardFeatures(chosen, pass);
        return PooledFeatures.of(maps.get(maps.size() - 1));
    }

    /** Those that cannot be read any more are left out, as the loader says. */
    private List<Gallery.Picture> shown(List<JudgedExamples.Judged> some) {
        return some.stream()
                .flatMap(one -> loader.original(one.place()).stream()
                        .map(image -> new Gallery.Picture(
                                images.name(one.place()), one.caption(), ShownPixels.of(image), one.verdict())))
                .toList();
    }

    /** The first batch of the first epoch, as it is learnt from. */
    private Gallery trainingImages() {
        List<Gallery.Picture> all = new ArrayList<>();
        try (NDManager owner = PyTorch.newManager();
                Batches<ImageBatch> batches = task.training().batches(0, 0);
                ImageBatch batch = batches.next()) {
            if (batch.size() > 0) {
                NDArray targets = batch.targets(owner);
                boolean isMixed = targets.getShape().dimension() > 1;
                float[] shares = isMixed ? targets.toFloatArray() : new float[0];
                ShownPixels.denormalised(
                                Tensor.of(batch.images(owner)), task.card().preprocessing())
                        .stream()
                        .limit(pictures)
                        .forEach(image -> {
                            int n = all.size();
                            String caption = isMixed ? mixture(shares, n) : classes.get(batch.labels()[n]);
                            all.add(new Gallery.Picture(
                                    "training image " + (n + 1), caption, ShownPixels.of(image), Verdict.NONE));
                        });
            }
        }
        return new Gallery(
                "Training images",
                "The first images of the first epoch as they were learnt from, after augmentation, with what was to be told"
                        + " of them",
                all);
    }

    private String mixture(float[] shares, int image) {
        int width = classes.size();
        return IntStream.range(0, width)
                .filter(k -> shares[image * width + k] > 0)
                .mapToObj(k -> String.format(Locale.ROOT, "%s %.2f", classes.get(k), shares[image * width + k]))
                .collect(Collectors.joining(", "));
    }
}
