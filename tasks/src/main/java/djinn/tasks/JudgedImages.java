package djinn.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.data.Pixels;
import djinn.inference.Sampling;
import djinn.metrics.ClassSpread;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.ImageGenerator;
import djinn.tasks.generative.ImageJudge;
import djinn.tasks.generative.Quality;
import djinn.tasks.generative.QualityFigures;
import djinn.training.Task;
import djinn.training.run.RunFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a classifier that Djinn trained says of the images a run makes, beside as many real ones of the run's own data, of
 * whichever task the run is.
 *
 * @param made how many images were made
 * @param heldOut how many real ones the run had not learned from
 * @param learned how many real ones it had: taken where those held out were too few
 * @param figures by name, as {@link QualityFigures} has them
 * @param classes the share of made images that the classifier takes for each class
 */
public record JudgedImages(
        int made, int heldOut, int learned, Map<String, Double> figures, Map<String, Double> classes) {

    /** Images that are judged together. */
    private static final int BATCH = 250;

    /**
     * Makes images and judges them.
     *
     * @param run the folder of a run whose models make images
     * @param quality names the classifier
     * @param sampling which images are made, at least 4
     * @param overrides of the run's recipe, such as where its data lies now
     * @return what the classifier says
     * @throws DataException if the run makes no images, has learned from something else than images, or there is no such
     *     classifier
     */
    public static JudgedImages of(Path run, Quality quality, Sampling sampling, List<String> overrides) {
        ImageJudge judge = ImageJudge.open(quality);
        List<Pixels> images;
        try (ImageGenerator generator = ImageGenerator.open(run, Tasks::answering)) {
            images = generator.generate(sampling);
        }
        Task<?> task = Recipes.of(RunFolder.open(run), overrides).newTask();
        int[] real = new int[2];
        try (QualityFigures figures = new QualityFigures(judge);
                NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            for (int from = 0; from < images.size(); from += BATCH) {
                try (NDManager owner = manager.newSubManager()) {
                    NDArray made = array(images.subList(from, Math.min(images.size(), from + BATCH)), owner);
                    NDList judged = judge.judge(made);
                    figures.addMade(judged.get(0), judged.get(1));
                }
            }
            real[0] = addReal(figures, judge, task.heldOut(), images.size(), manager);
            real[1] = addReal(figures, judge, task.training(), images.size() - real[0], manager);
            return new JudgedImages(
                    images.size(), real[0], real[1], values(figures), shares(figures.spread(), judge.classes()));
        }
    }

    private static <B extends Batch> int addReal(
            QualityFigures figures, ImageJudge judge, Feed<B> feed, int most, NDManager manager) {
        int seen = 0;
        try (Batches<B> batches = feed.batches(0, 0)) {
            while (seen < most && batches.hasNext()) {
                try (B batch = batches.next();
                        NDManager owner = manager.newSubManager()) {
                    if (!(batch instanceof ImageBatch real)) {
                        throw new DataException("expected a run that learned from images of one folder, got one that"
                                + " learned from something else");
                    }
                    NDArray all = real.images(owner);
                    long own = Math.min(most - seen, all.getShape().get(0));
                    figures.addReal(judge.judge(all.get("0:" + own)).get(0));
                    seen += Math.toIntExact(own);
                }
            }
        }
        return seen;
    }

    /** (N, C, H, W), -1 to 1. */
    private static NDArray array(List<Pixels> images, NDManager owner) {
        Pixels first = images.get(0);
        int area = first.height() * first.width();
        float[] values = new float[images.size() * first.channels() * area];
        for (int n = 0; n < images.size(); n++) {
            byte[] bytes = images.get(n).values();
            for (int i = 0; i < area; i++) {
                for (int c = 0; c < first.channels(); c++) {
                    values[(n * first.channels() + c) * area + i] =
                            (bytes[i * first.channels() + c] & 0xFF) / 127.5f - 1;
                }
            }
        }
        return owner.create(values, new Shape(images.size(), first.channels(), first.height(), first.width()));
    }

    private static Map<String, Double> values(QualityFigures figures) {
        Map<String, Double> values = new LinkedHashMap<>();
        QualityFigures.figures()
                .forEach(name -> values.put(name, figures.byName().get(name).value()));
        return values;
    }

    private static Map<String, Double> shares(ClassSpread spread, List<String> classes) {
        Map<String, Double> shares = new LinkedHashMap<>();
        double[] own = spread.shares();
        for (int k = 0; k < own.length; k++) {
            shares.put(classes.get(k), own[k]);
        }
        return shares;
    }
}
