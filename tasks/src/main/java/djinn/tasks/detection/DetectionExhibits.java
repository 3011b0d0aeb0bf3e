package djinn.tasks.detection;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.SceneDrawing;
import djinn.data.detection.SceneLoader;
import djinn.metrics.CocoFigures;
import djinn.metrics.ScoreThreshold;
import djinn.tasks.exhibit.Confusions;
import djinn.tasks.exhibit.ShownPixels;
import djinn.tasks.images.HeldOutImages;
import djinn.training.HeldOutPass;
import djinn.training.Outcome;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Table;
import djinn.training.exhibit.Verdict;
import djinn.training.run.Plots;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** What of a trained detector is worth a look: the worst images, curves, confusions with the background. */
final class DetectionExhibits {

    private static final int MOST_LINES = 10;

    /** The longer side of a picture at least, so that labels can be read. */
    private static final int SMALLEST = 256;

    private final DetectionTask task;
    private final NamedBlock model;
    private final SceneLoader loader;
    private final int pictures;
    private final List<String> classes;
    private final HeldOutImages images;
    private final MistakenImages mistaken;

    /**
     * Exhibits of a model.
     *
     * @param task the model's
     * @param model the network
     * @param loader reads the held-out images
     * @param names what these are called
     * @param pictures the most of a gallery
     */
    DetectionExhibits(
            DetectionTask task, NamedBlock model, SceneLoader loader, IntFunction<String> names, int pictures) {
        this.task = task;
        this.model = model;
        this.loader = loader;
        this.pictures = pictures;
        classes = task.card().classes();
        images = new HeldOutImages(task.heldOut(), names, loader::skipped);
        mistaken = new MistakenImages(classes, loader.size(), pictures);
    }

    /** Looks at all held-out images, once. */
    List<Exhibit> all() {
        List<Exhibit> all = new ArrayList<>();
        try (DetectionFigures figures = task.newFigures()) {
            HeldOutPass.over(task.heldOut(), (batch, owner, pass) -> look(batch, owner, pass, figures));
            all.add(Confusions.perClass(
                    task.perClass(figures).orElseThrow(),
                    "COCO's figures of every class, its objects, and precision, recall and F1 at IoU 0.5 from the score of"
                            + " the best mean F1 on"));
            all.add(sizes(figures.coco().figures()));
            DetectionCurves curves = DetectionCurves.of(figures, classes);
            ScoreThreshold best = curves.best();
            all.addAll(confusion(figures, best));
            if (!curves.isEmpty()) {
                all.addAll(curves(curves, best));
            }
            galleries(all, best);
        }
        trainingImages(all);
        return all;
    }

    private void look(SceneBatch batch, NDManager owner, Pass pass, DetectionFigures figures) {
        Outcome outcome = task.evaluate(model, batch, owner, pass);
        figures.add(batch, outcome);
        List<Integer> places = images.next(batch.size());
        List<SeenImage> seen = figures.seen(batch, outcome.answers());
        for (int n = 0; n < places.size(); n++) {
            mistaken.add(places.get(n), seen.get(n));
        }
    }

    private List<Exhibit> confusion(DetectionFigures figures, ScoreThreshold best) {
        List<String> names = new ArrayList<>(classes);
        names.add("background");
        return Confusions.of(
                figures.confusion().at(best.score()),
                names,
                "Confusion",
                String.format(
                        Locale.ROOT,
                        "What objects of held-out images were taken for, of what is told from score %.3f on, that of the"
                                + " best mean F1, matched from IoU 0.5 on; objects taken for background were not found",
                        best.score()));
    }

    private static Table sizes(CocoFigures figures) {
        List<List<Object>> rows = List.of(
                List.of("small, up to 32 x 32 pixels", defined(figures.apSmall()), defined(figures.arSmall())),
                List.of("medium", defined(figures.apMedium()), defined(figures.arMedium())),
                List.of("large, from 96 x 96 on", defined(figures.apLarge()), defined(figures.arLarge())));
        return new Table(
                "Sizes of objects",
                "Average precision and recall, over overlaps from 0.5 to 0.95, of objects by their area in pixels of the"
                        + " images as they were read",
                List.of("objects", "ap", "ar100"),
                rows);
    }

    /** COCO says -1 where there are no such objects. */
    private static double defined(double figure) {
        return figure < 0 ? Double.NaN : figure;
    }

    private static List<Exhibit> curves(DetectionCurves curves, ScoreThreshold best) {
        DetectionCurves shown = curves.ofMostFrequent(MOST_LINES);
        int all = curves.curves().size();
        String which = all > MOST_LINES
                ? " Lines of the " + MOST_LINES + " classes of the most objects; the mean is of all " + all + "."
                : "";
        return List.of(
                new Curves(
                        "Precision over recall",
                        "At IoU 0.5, the highest precision with at least so much recall; with the average precision"
                                + " (AP50)." + which,
                        "recall",
                        "precision",
                        series(
                                shown.precisionOverRecall().parts(),
                                curves.precisionOverRecall().mean(),
                                line -> String.format(
                                        Locale.ROOT, "%s (AP50 %.3f)", line.name(), DetectionCurves.average(line))),
                        false),
                new Curves(
                        "F1 over score",
                        String.format(
                                Locale.ROOT,
                                "At IoU 0.5, by the score from which detections are told; the best mean F1, %.3f, is from"
                                        + " score %.3f on.%s",
                                best.f1(),
                                best.score(),
                                which),
                        "score",
                        "F1",
                        series(
                                shown.f1OverScore().thinned().parts(),
                                curves.f1OverScore().thinned().mean(),
                                Plots.Series::name),
                        false));
    }

    private static List<Curves.Series> series(
            List<Plots.Series> parts, Plots.Series mean, Function<Plots.Series, String> name) {
        return Stream.concat(parts.stream(), parts.size() > 1 ? Stream.of(mean) : Stream.empty())
                .map(line -> new Curves.Series(name.apply(line), line.x(), line.y()))
                .toList();
    }

    private void galleries(List<Exhibit> all, ScoreThreshold best) {
        double score = mistaken.nearest(best.score());
        String how = String.format(
                Locale.ROOT,
                ". Boxes are told from score %.2f on, next to that of the best mean F1 (%.3f), each class in its colour;"
                        + " what is there in truth has a dashed line",
                score,
                best.score());
        add(
                all,
                "Worst images",
                "Held-out images with the most mistakes first: objects missed, boxes where there is no object, and objects"
                        + " taken for another class, matched from IoU 0.5 on" + how,
                mistaken.worst(score),
                score);
        add(all, "Drawn at random", "Held-out images drawn at random, always the same" + how, mistaken.drawn(), score);
    }

    /** Those that cannot be read any more are left out, as the loader says. */
    private void add(List<Exhibit> all, String title, String note, List<MistakenImages.Image> some, double score) {
        List<Gallery.Picture> shown = some.stream()
                .flatMap(one -> loader.original(one.place()).stream().map(scene -> picture(one, scene, score)))
                .toList();
        if (!shown.isEmpty()) {
            all.add(new Gallery(title, note, shown));
        }
    }

    private Gallery.Picture picture(MistakenImages.Image one, Scene scene, double score) {
        return new Gallery.Picture(
                images.name(one.place()),
                one.caption(score),
                Pixels.of(SceneDrawing.of(scene.image(), one.boxes(score), SMALLEST, ShownPixels.LARGEST), 3),
                one.mistakes(score) == 0 ? Verdict.RIGHT : Verdict.WRONG);
    }

    /** The first batch of the first epoch, as it is learnt from. */
    private void trainingImages(List<Exhibit> all) {
        try (Batches<SceneBatch> batches = task.training().batches(0, 0);
                SceneBatch batch = batches.next()) {
            List<Gallery.Picture> shown = new ArrayList<>();
            List<Pixels> pixels = batch.pixels();
            for (int n = 0; n < Math.min(pictures, pixels.size()); n++) {
                Scene scene = new Scene(pixels.get(n), batch.objects().get(n));
                int objects = scene.objects().objects().size();
                shown.add(new Gallery.Picture(
                        "training image " + (n + 1),
                        objects + (objects == 1 ? " object" : " objects"),
                        Pixels.of(SceneDrawing.of(scene, classes, SMALLEST, ShownPixels.LARGEST), 3),
                        Verdict.NONE));
            }
            if (!shown.isEmpty()) {
                all.add(new Gallery(
                        "Training images",
                        "The first images of the first epoch as they were learnt from, after augmentation, with their"
                                + " objects",
                        shown));
            }
        }
    }
}
