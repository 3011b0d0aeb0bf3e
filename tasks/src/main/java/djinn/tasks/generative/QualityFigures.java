package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.metrics.ClassSpread;
import djinn.metrics.Derived;
import djinn.metrics.FrechetDistance;
import djinn.metrics.ManifoldCoverage;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a classifier tells of made images beside real ones: {@code frechet}, the {@link FrechetDistance} of their features;
 * {@code precision} and {@code recall}, see {@link ManifoldCoverage}; {@code confidence} and {@code rarest_class}, see
 * {@link ClassSpread}.
 */
public final class QualityFigures implements AutoCloseable {

    private static final String FRECHET = "frechet";
    private static final String COVERAGE = "coverage";
    private static final String SPREAD = "spread";

    /** Results left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final FrechetDistance frechet;
    private final ManifoldCoverage coverage;
    private final ClassSpread spread;
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param judge tells how many features and classes there are
     */
    public QualityFigures(ImageJudge judge) {
        frechet = new FrechetDistance(judge.features());
        coverage = new ManifoldCoverage(judge.features());
        spread = new ClassSpread(judge.classes().size());
    }

    /**
     * Judges images.
     *
     * @param judge the classifier
     * @param real images (N, C, H, W), -1 to 1
     * @param made images (M, C, H, W), -1 to 1
     * @return what {@link #add} takes
     */
    public static NDList judged(ImageJudge judge, NDArray real, NDArray made) {
        NDList ofMade = judge.judge(made);
        return new NDList(judge.judge(real).get(0), ofMade.get(0), ofMade.get(1));
    }

    /**
     * Takes in what the classifier says.
     *
     * @param judged as {@link #judged} gives it; stays the caller's
     */
    public void add(NDList judged) {
        addReal(judged.get(0));
        addMade(judged.get(1), judged.get(2));
    }

    /**
     * Takes in what the classifier says of real images.
     *
     * @param features (N, F)
     */
    public void addReal(NDArray features) {
        unread.add(new NDList(features), read -> {
            float[] values = read.get(0).toFloatArray();
            frechet.addReal(values);
            coverage.addReal(values);
        });
    }

    /**
     * Takes in what the classifier says of made images.
     *
     * @param features (N, F)
     * @param probabilities of classes, (N, K)
     */
    public void addMade(NDArray features, NDArray probabilities) {
        unread.add(new NDList(features, probabilities), read -> {
            float[] values = read.get(0).toFloatArray();
            frechet.addMade(values);
            coverage.addMade(values);
            spread.add(read.get(1).toFloatArray());
        });
    }

    /** Returns which classes are seen in made images. */
    public ClassSpread spread() {
        unread.read();
        return spread;
    }

    /** Returns the metrics by name. */
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(FRECHET, frechet);
        metrics.put(COVERAGE, coverage);
        metrics.put(SPREAD, spread);
        metrics.put("precision", new Derived(coverage::precision));
        metrics.put("recall", new Derived(coverage::recall));
        metrics.put("confidence", new Derived(spread::confidence));
        metrics.put("rarest_class", new Derived(spread::rarest));
        return metrics;
    }

    /** Returns the names of those that are shown. */
    public static List<String> figures() {
        return List.of(FRECHET, "precision", "recall", "confidence", "rarest_class");
    }

    @Override
    public void close() {
        unread.close();
    }
}
