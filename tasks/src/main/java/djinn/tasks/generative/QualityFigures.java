package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Pixels;
import djinn.metrics.ClassSpread;
import djinn.metrics.Derived;
import djinn.metrics.FrechetDistance;
import djinn.metrics.ManifoldCoverage;
import djinn.metrics.Metric;
import djinn.metrics.Metrics;
import djinn.metrics.Unread;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a classifier tells of made images beside real ones: {@code frechet}, the {@link FrechetDistance} of their features;
 * {@code precision} and {@code recall}, see {@link ManifoldCoverage}; {@code confidence} and {@code rarest_class}, see
 * {@link ClassSpread}.
 */
public final class QualityFigures implements Metrics {

    /** The names of the figures that are shown. */
    public static final List<String> NAMES = List.of("frechet", "precision", "recall", "confidence", "rarest_class");

    private static final String FRECHET = "frechet";
    private static final String COVERAGE = "coverage";
    private static final String SPREAD = "spread";

    /** Results left on the device at most. */
    private static final int MOST_UNREAD = 16;

    /** Made images that are shown to the classifier together. */
    private static final int TOGETHER = 250;

    private final ImageJudge judge;
    private final List<Pixels> waiting = new ArrayList<>();
    private final FrechetDistance frechet;
    private final ManifoldCoverage coverage;
    private final ClassSpread spread;
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param judge the classifier
     */
    public QualityFigures(ImageJudge judge) {
        this.judge = judge;
        frechet = new FrechetDistance(judge.features());
        coverage = new ManifoldCoverage(judge.features());
        spread = new ClassSpread(judge.classes().size());
    }

    /**
     * Shows real images to the classifier.
     *
     * @param images (N, C, H, W), -1 to 1
     */
    public void addReal(NDArray images) {
        unread.add(new NDList(judge.judge(images).get(0)), read -> {
            float[] values = read.head().toFloatArray();
            frechet.addReal(values);
            coverage.addReal(values);
        });
    }

    /**
     * Shows a made image to the classifier, once some have come together.
     *
     * @param image of the size of those before
     */
    public void addMade(Pixels image) {
        waiting.add(image);
        if (waiting.size() == TOGETHER) {
            showWaiting();
        }
    }

    private void showWaiting() {
        if (!waiting.isEmpty()) {
            try (NDManager owner = PyTorch.newManager();
                    Autograd.Scope off = Autograd.withoutGradients()) {
                addMade(array(waiting, owner));
            }
            waiting.clear();
        }
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

    /**
     * Shows made images to the classifier.
     *
     * @param images (N, C, H, W), -1 to 1
     */
    public void addMade(NDArray images) {
        NDList judged = judge.judge(images);
        unread.add(judged, read -> {
            float[] values = read.get(0).toFloatArray();
            frechet.addMade(values);
            coverage.addMade(values);
            spread.add(read.get(1).toFloatArray());
        });
    }

    /** Returns which classes are seen in made images. */
    public ClassSpread spread() {
        read();
        return spread;
    }

    private void read() {
        showWaiting();
        unread.read();
    }

    @Override
    public Map<String, Metric> byName() {
        read();
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

    @Override
    public List<String> figures() {
        return NAMES;
    }

    @Override
    public void close() {
        waiting.clear();
        unread.close();
    }
}
