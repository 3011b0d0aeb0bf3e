package djinn.tasks.detection;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.ImageObjects;
import djinn.data.PictureRows;
import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.SceneDrawing;
import djinn.data.detection.LabelStatistics;
import djinn.metrics.ScoreThreshold;
import djinn.ops.AtomicFile;
import djinn.predict.detection.DetectedObject;
import djinn.predict.detection.Detections;
import djinn.tasks.classification.ConfusionPicture;
import djinn.training.ClassTable;
import djinn.training.Csv;
import djinn.training.run.Plots;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the folder of a run shows of a detector: pictures, and the numbers behind them as CSV.
 *
 * @param classes the names, by index
 * @param folder where files are written
 */
record DetectionPictures(List<String> classes, Path folder) {

    private static final int SMALLEST = 256;
    private static final int LARGEST = 480;
    private static final int MOSAIC = 16;
    private static final int COLUMNS = 4;
    private static final int MOST_BARS = 30;
    private static final int MOST_DOTS = 5000;
    private static final String LABELS = "labels.png";

    /**
     * An image with what it should and what it does show.
     *
     * @param scene the image and its objects
     * @param found what a detector sees, in pixels of the image
     */
    record Sample(Scene scene, List<DetectedObject> found) {

        Sample {
            found = List.copyOf(found);
        }
    }

    /** Returns whether what does not change in a run is there already. */
    boolean haveData() {
        return folder.resolve(LABELS).toFile().isFile();
    }

    /**
     * Writes {@code labels.png} and {@code labels.csv}: how many objects each class has, how large they are and where.
     *
     * @param images the objects of images to learn from, before augmentation
     * @param all how many there are
     */
    void labels(List<ImageObjects> images, int all) {
        LabelStatistics statistics = LabelStatistics.of(classes, images);
        Map<String, Integer> counts = new LinkedHashMap<>();
        statistics.classes().stream()
                .sorted((a, b) -> Integer.compare(b.objects(), a.objects()))
                .limit(MOST_BARS)
                .forEach(of -> counts.merge(of.name(), of.objects(), Integer::sum));
        ClassTable table = new ClassTable(
                List.of("images", "objects", "mean_width", "mean_height"),
                statistics.classes().stream()
                        .map(of -> new ClassTable.Row(
                                of.name(), List.of(of.images(), of.objects(), of.width(), of.height())))
                        .toList());
        AtomicFile.writeText(folder.resolve("labels.csv"), table.csv());
        String looked = statistics.images() + (statistics.images() < all ? " of " + all : "") + " training images";
        List<LabelStatistics.Place> places = statistics.places();
        int step = Math.max(1, (places.size() + MOST_DOTS - 1) / MOST_DOTS);
        List<LabelStatistics.Place> shown = IntStream.range(0, places.size())
                .filter(i -> i % step == 0)
                .mapToObj(places::get)
                .toList();
        double side = shown.stream()
                .mapToDouble(place -> Math.max(place.width(), place.height()))
                .max()
                .orElse(1);
        AtomicFile.writePng(
                folder.resolve(LABELS),
                PictureRows.of(List.of(List.of(
                        Plots.bars(
                                new Plots.Texts(
                                        places.size() + " objects in " + looked + ", " + statistics.empty()
                                                + " without",
                                        classes.size() > MOST_BARS
                                                ? "the " + MOST_BARS + " most frequent classes"
                                                : "class",
                                        "objects"),
                                counts),
                        Plots.dots(
                                new Plots.Texts(
                                        "Sizes of boxes at the model's size", "width, pixels", "height, pixels"),
                                series(shown, LabelStatistics.Place::width, LabelStatistics.Place::height),
                                side * 1.05,
                                side * 1.05,
                                false),
                        Plots.dots(
                                new Plots.Texts(
                                        "Centres of boxes", "share of the width", "share of the height, downwards"),
                                series(shown, LabelStatistics.Place::x, LabelStatistics.Place::y),
                                1,
                                1,
                                true)))));
    }

    private List<Plots.Series> series(
            List<LabelStatistics.Place> places,
            ToDoubleFunction<LabelStatistics.Place> x,
            ToDoubleFunction<LabelStatistics.Place> y) {
        List<Plots.Series> series = new ArrayList<>();
        for (int c = 0; c < classes.size(); c++) {
            int label = c;
            List<LabelStatistics.Place> own =
                    places.stream().filter(place -> place.label() == label).toList();
            series.add(new Plots.Series(
                    classes.get(c),
                    own.stream().map(x::applyAsDouble).toList(),
                    own.stream().map(y::applyAsDouble).toList()));
        }
        return series;
    }

    /**
     * Writes {@code train_batch.png}: the first images of the first epoch as they are learnt from, with their objects.
     *
     * @param feed of the training
     */
    void trainBatch(Feed<SceneBatch> feed) {
        List<BufferedImage> pictures = new ArrayList<>();
        try (Batches<SceneBatch> batches = feed.batches(0, 0)) {
            while (batches.hasNext() && pictures.size() < MOSAIC) {
                try (SceneBatch batch = batches.next()) {
                    List<Pixels> images = batch.pixels();
                    for (int i = 0; i < images.size() && pictures.size() < MOSAIC; i++) {
                        Scene scene = new Scene(images.get(i), batch.objects().get(i));
                        pictures.add(SceneDrawing.of(scene, classes, SMALLEST, LARGEST));
                    }
                }
            }
        }
        if (pictures.isEmpty()) {
            return;
        }
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i += COLUMNS) {
            rows.add(pictures.subList(i, Math.min(pictures.size(), i + COLUMNS)));
        }
        AtomicFile.writePng(folder.resolve("train_batch.png"), PictureRows.of(rows));
    }

    /** Writes {@code samples.png}: images with their objects at the left, and with what is found at the right. */
    void samples(List<Sample> samples) {
        List<List<BufferedImage>> rows = samples.stream()
                .map(sample -> List.of(
                        SceneDrawing.of(sample.scene, classes, SMALLEST, LARGEST),
                        SceneDrawing.of(sample.scene.image(), Detections.drawn(sample.found), SMALLEST, LARGEST)))
                .toList();
        if (!rows.isEmpty()) {
            AtomicFile.writePng(folder.resolve("samples.png"), PictureRows.of(rows));
        }
    }

    /**
     * Writes what the best weights come to: {@code pr_curve} and {@code f1_curve} as PNG and CSV, and {@code
     * confusion_matrix.png}.
     *
     * @param figures on the held-out images
     */
    void conclude(DetectionFigures figures) {
        DetectionCurves curves = DetectionCurves.of(figures, classes);
        if (curves.isEmpty()) {
            return;
        }
        ScoreThreshold best = curves.best();
        DetectionCurves.Lines precisions = curves.precisionOverRecall();
        double ap = precisions.parts().stream()
                .mapToDouble(DetectionCurves::average)
                .average()
                .orElseThrow();
        curves(
                "pr_curve",
                new Plots.Texts(
                        String.format(Locale.ROOT, "Precision over recall at IoU 0.5: AP50 %.3f", ap),
                        "recall",
                        "precision"),
                precisions,
                OptionalDouble.empty());
        curves(
                "f1_curve",
                new Plots.Texts(
                        String.format(
                                Locale.ROOT,
                                "F1 over score at IoU 0.5: best %.3f from score %.3f",
                                best.f1(),
                                best.score()),
                        "score",
                        "F1"),
                curves.f1OverScore(),
                OptionalDouble.of(best.score()));
        List<String> names = new ArrayList<>(classes);
        names.add("background");
        ConfusionPicture.draw(
                figures.confusion().at(best.score()),
                names,
                String.format(Locale.ROOT, "What is told from score %.3f, matched from IoU 0.5", best.score()),
                folder.resolve("confusion_matrix.png"));
    }

    private void curves(String name, Plots.Texts texts, DetectionCurves.Lines lines, OptionalDouble mark) {
        DetectionCurves.Lines thinned = lines.thinned();
        AtomicFile.writePng(folder.resolve(name + ".png"), Plots.curves(texts, thinned.parts(), thinned.mean(), mark));
        List<String> header = new ArrayList<>(List.of(texts.x()));
        lines.parts().forEach(part -> header.add(part.name()));
        header.add("mean");
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < lines.mean().x().size(); i++) {
            List<String> row =
                    new ArrayList<>(List.of(ClassTable.words(lines.mean().x().get(i), 3)));
            for (Plots.Series part : lines.parts()) {
                row.add(ClassTable.words(part.y().get(i), 6));
            }
            row.add(ClassTable.words(lines.mean().y().get(i), 6));
            rows.add(row);
        }
        AtomicFile.writeText(folder.resolve(name + ".csv"), Csv.of(header, rows));
    }
}
