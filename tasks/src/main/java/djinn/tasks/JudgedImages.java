package djinn.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.inference.Sampling;
import djinn.metrics.ClassSpread;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.ImageGenerator;
import djinn.tasks.generative.ImageJudge;
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

    /**
     * Makes images and judges them.
     *
     * @param run the folder of a run whose models make images
     * @param classifier the folder of a run of the task classification, or its weights
     * @param sampling which images are made, at least 4
     * @param overrides of the run's recipe, such as where its data lies now
     * @return what the classifier says
     * @throws DataException if the run makes no images, has learned from something else than images, or there is no such
     *     classifier
     */
    public static JudgedImages of(Path run, Path classifier, Sampling sampling, List<String> overrides) {
        ImageJudge judge = ImageJudge.open(classifier);
        try (QualityFigures figures = new QualityFigures(judge);
                Autograd.Scope off = Autograd.withoutGradients()) {
            Task<?> task;
            try (ImageGenerator generator = ImageGenerator.open(run, Tasks::answering)) {
                // data that is missing is told of before anything is made
                task = Recipes.of(RunFolder.open(run), overrides).newTask();
                generator.generate(sampling, figures::addMade);
            }
            int heldOut = addReal(figures, task.heldOut(), sampling.count());
            int learned = addReal(figures, task.training(), sampling.count() - heldOut);
            return new JudgedImages(
                    sampling.count(), heldOut, learned, figures.values(), shares(figures.spread(), judge.classes()));
        }
    }

    private static <B extends Batch> int addReal(QualityFigures figures, Feed<B> feed, int most) {
        int seen = 0;
        try (Batches<B> batches = feed.batches(0, 0)) {
            while (seen < most && batches.hasNext()) {
                try (B batch = batches.next();
                        NDManager owner = PyTorch.newManager()) {
                    if (!(batch instanceof ImageBatch real)) {
                        throw new DataException("expected a run that learned from images of one folder, got one that"
                                + " learned from something else");
                    }
                    NDArray all = real.images(owner);
                    long own = Math.min(most - seen, all.getShape().get(0));
                    figures.addReal(all.get("0:" + own));
                    seen += Math.toIntExact(own);
                }
            }
        }
        return seen;
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
