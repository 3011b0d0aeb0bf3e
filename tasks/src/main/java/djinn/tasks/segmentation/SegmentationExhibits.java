package djinn.tasks.segmentation;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.data.Geometry;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.MaskLoader;
import djinn.data.Pixels;
import djinn.metrics.ConfusionMatrix;
import djinn.predict.segmentation.HighestLogits;
import djinn.tasks.exhibit.Confusions;
import djinn.tasks.exhibit.MaskPictures;
import djinn.tasks.exhibit.RandomPlaces;
import djinn.tasks.exhibit.WorstList;
import djinn.tasks.images.HeldOutImages;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What of a trained segmenter is worth a look: the worst images, confusions of classes. */
final class SegmentationExhibits {

    private static final String DRAWN =
            ": at the left with the classes that it has, at the right with those that it was told"
                    + " to have, both at the model's size";

    private final SegmentationTask task;
    private final NamedBlock model;
    private final int pictures;
    private final List<String> classes;
    private final HeldOutImages images;
    private final Set<Integer> places;
    private final WorstList<Told> worst;
    private final List<Told> drawn = new ArrayList<>();

    /** Images of which no pixel's class is known. */
    private int unknown;

    /** An image, what it shows, and what was told of it. */
    private record Told(int place, Pixels image, LabelMap expected, LabelMap answered, String caption) {}

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param loader reads the held-out images
     * @param pictures the most of a gallery
     */
    SegmentationExhibits(SegmentationTask task, NamedBlock model, MaskLoader loader, int pictures) {
        this.task = task;
        this.model = model;
        this.pictures = pictures;
        classes = task.card().classes();
        images = new HeldOutImages(task.heldOut(), task.splits().validation()::name, loader::skipped);
        places = RandomPlaces.of(loader.size(), pictures);
        worst = new WorstList<>(pictures);
    }

    /** Looks at all held-out images, once. */
    List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>();
        try (SegmentationFigures figures = task.newFigures()) {
            HeldOutPass.over(task.heldOut(), (batch, owner, pass) -> look(batch, owner, pass, figures));
            all.add(Confusions.perClass(
                    task.perClass(figures).orElseThrow(), "Figures of every class, of all pixels of held-out images"));
            all.addAll(Confusions.of(
                    figures.confusion(),
                    classes,
                    "Confusion",
                    "How many pixels of held-out images were taken for which class, those of unknown class aside"));
        }
        String without = unknown == 0 ? "" : "; without " + unknown + " of which no pixel's class is known";
        add(
                all,
                "Worst images",
                "Held-out images by their own mean IoU, the lowest first" + without + DRAWN,
                worst.list());
        add(all, "Drawn at random", "Held-out images drawn at random, always the same" + DRAWN, drawn);
        trainingImages(all);
        return all;
    }

    private void look(MaskBatch batch, NDManager owner, Pass pass, SegmentationFigures figures) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        figures.add(batch, outcome);
        float[] logits = outcome.answers().get(0).toFloatArray();
        int each = logits.length / batch.size();
        List<Integer> own = images.next(batch.size());
        List<Pixels> pixels = batch.pixels();
        for (int n = 0; n < batch.size(); n++) {
            LabelMap expected = batch.labels().get(n);
            LabelMap answered = HighestLogits.of(
                    Arrays.copyOfRange(logits, n * each, (n + 1) * each),
                    classes.size(),
                    Geometry.none(expected.height(), expected.width()));
            look(own.get(n), pixels.get(n), expected, answered);
        }
    }

    private void look(int place, Pixels image, LabelMap expected, LabelMap answered) {
        try (SegmentationFigures own = task.newFigures()) {
            own.add(answered, expected);
            double iou = own.confusion().meanIou();
            Told told = new Told(place, image, expected, answered, caption(own.confusion()));
            if (Double.isNaN(iou)) {
                unknown++;
            } else {
                worst.add(-iou, () -> told);
            }
            if (places.contains(place)) {
                drawn.add(told);
            }
        }
    }

    /** Says how well an image was told, by its own pixels alone. */
    static String caption(ConfusionMatrix image) {
        double iou = image.meanIou();
        return Double.isNaN(iou)
                ? "no pixel's class is known"
                : String.format(Locale.ROOT, "mean IoU %.3f, %.1f %% of pixels right", iou, 100 * image.accuracy());
    }

    private void add(List<Exhibit> all, String title, String note, List<Told> some) {
        if (!some.isEmpty()) {
            all.add(new Gallery(
                    title,
                    note,
                    some.stream()
                            .map(told -> new Gallery.Picture(
                                    images.name(told.place),
                                    told.caption,
                                    MaskPictures.beside(told.image, told.expected, told.answered),
                                    Verdict.NONE))
                            .toList()));
        }
    }

    /** The first batch of the first epoch, as it is learnt from. */
    private void trainingImages(List<Exhibit> all) {
        try (Batches<MaskBatch> batches = task.training().batches(0, 0);
                MaskBatch batch = batches.next()) {
            List<Gallery.Picture> shown = new ArrayList<>();
            List<Pixels> pixels = batch.pixels();
            for (int n = 0; n < Math.min(pictures, pixels.size()); n++) {
                shown.add(new Gallery.Picture(
                        "training image " + (n + 1),
                        "",
                        MaskPictures.of(pixels.get(n), batch.labels().get(n)),
                        Verdict.NONE));
            }
            if (!shown.isEmpty()) {
                all.add(new Gallery(
                        "Training images",
                        "The first images of the first epoch as they were learnt from, after augmentation, and at the right"
                                + " the classes of their pixels",
                        shown));
            }
        }
    }
}
