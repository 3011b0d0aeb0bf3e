package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What holds for every metric. */
class MergingTest {

    private static final int SAMPLES = 200;
    private static final int K = 4;
    private static final List<String> WORDS = List.of("a", "b", "c");

    private final float[] rows = new float[SAMPLES * K];
    private final int[] classes = new int[SAMPLES];
    private final float[] scores = new float[SAMPLES];
    private final int[] truths = new int[SAMPLES];
    private final float[] predictions = new float[SAMPLES];
    private final float[] targets = new float[SAMPLES];
    private final List<String> hypotheses = new ArrayList<>();
    private final List<String> references = new ArrayList<>();

    /** Feeds the samples of a range to a metric. */
    private interface Feed<M extends Metric> {
        void feed(M metric, int from, int to);
    }

    private record Case<M extends Metric>(String name, boolean constant, Supplier<M> empty, Feed<M> feed) {

        M fed(int from, int to) {
            M metric = empty.get();
            // in uneven batches
            for (int start = from; start < to; start += 7) {
                feed.feed(metric, start, Math.min(to, start + 7));
            }
            return metric;
        }
    }

    MergingTest() {
        SplittableRandom random = new SplittableRandom(4);
        for (int n = 0; n < SAMPLES; n++) {
            float sum = 0;
            for (int k = 0; k < K; k++) {
                rows[n * K + k] = (float) random.nextDouble(.05, 1);
                sum += rows[n * K + k];
            }
            for (int k = 0; k < K; k++) {
                rows[n * K + k] /= sum;
            }
            classes[n] = random.nextInt(K);
            // few distinct scores, so that many are tied across the halves
            scores[n] = random.nextInt(21) / 20f;
            truths[n] = random.nextInt(2);
            targets[n] = 1000 + random.nextInt(50);
            predictions[n] = targets[n] + random.nextInt(10) - 4.5f;
            hypotheses.add(sentence(random));
            references.add(sentence(random));
        }
    }

    private static String sentence(SplittableRandom random) {
        List<String> words = new ArrayList<>();
        int length = 4 + random.nextInt(5);
        for (int i = 0; i < length; i++) {
            words.add(WORDS.get(random.nextInt(WORDS.size())));
        }
        return String.join(" ", words);
    }

    private List<Case<?>> cases() {
        Feed<RocAuc> auc = (metric, from, to) -> metric.add(part(scores, from, to), part(truths, from, to));
        Feed<AveragePrecision> precision =
                (metric, from, to) -> metric.add(part(scores, from, to), part(truths, from, to));
        Feed<OneVersusRestAuc> rest = (metric, from, to) -> metric.add(row(from, to), part(classes, from, to));
        Feed<EmbeddingRetrieval> retrieval = (metric, from, to) -> metric.add(row(from, to), part(classes, from, to));
        return List.of(
                new Case<>("mean", true, Mean::new, (metric, from, to) -> {
                    for (int n = from; n < to; n++) {
                        metric.add(targets[n], classes[n]);
                    }
                }),
                new Case<>(
                        "top-k accuracy",
                        true,
                        () -> new TopKAccuracy(2),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>(
                        "confusion matrix",
                        true,
                        () -> new ConfusionMatrix(K),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>(
                        "log loss",
                        true,
                        () -> new LogLoss(K),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>(
                        "Brier score",
                        true,
                        () -> new BrierScore(K),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>(
                        "calibration error",
                        true,
                        () -> new CalibrationError(K, 15),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>("exact AUC", false, RocAuc::exact, auc),
                new Case<>("binned AUC", true, () -> RocAuc.binned(64), auc),
                new Case<>("exact average precision", false, AveragePrecision::exact, precision),
                new Case<>("binned average precision", true, () -> AveragePrecision.binned(64), precision),
                new Case<>("exact AUC, macro", false, () -> OneVersusRestAuc.exact(K, Average.MACRO), rest),
                new Case<>("exact AUC, micro", false, () -> OneVersusRestAuc.exact(K, Average.MICRO), rest),
                new Case<>("binned AUC, weighted", true, () -> OneVersusRestAuc.binned(K, Average.WEIGHTED, 64), rest),
                new Case<>(
                        "perplexity",
                        true,
                        () -> new Perplexity(K, 0),
                        (metric, from, to) -> metric.add(row(from, to), part(classes, from, to))),
                new Case<>("BLEU", true, Bleu::new, (metric, from, to) -> {
                    for (int n = from; n < to; n++) {
                        metric.add(hypotheses.get(n), List.of(references.get(n)));
                    }
                }),
                new Case<>("chrF", true, ChrF::new, (metric, from, to) -> {
                    for (int n = from; n < to; n++) {
                        metric.add(hypotheses.get(n), List.of(references.get(n)));
                    }
                }),
                new Case<>("chrF++", true, ChrF::withWords, (metric, from, to) -> {
                    for (int n = from; n < to; n++) {
                        metric.add(hypotheses.get(n), List.of(references.get(n)));
                    }
                }),
                new Case<>(
                        "retrieval, Euclidean",
                        false,
                        () -> new EmbeddingRetrieval(K, EmbeddingRetrieval.Distance.EUCLIDEAN),
                        retrieval),
                new Case<>(
                        "retrieval, cosine",
                        false,
                        () -> new EmbeddingRetrieval(K, EmbeddingRetrieval.Distance.COSINE),
                        retrieval),
                new Case<>(
                        "mean absolute error",
                        true,
                        MeanAbsoluteError::new,
                        (metric, from, to) -> metric.add(part(predictions, from, to), part(targets, from, to))),
                new Case<>(
                        "mean squared error",
                        true,
                        MeanSquaredError::new,
                        (metric, from, to) -> metric.add(part(predictions, from, to), part(targets, from, to))),
                new Case<>(
                        "R2",
                        true,
                        R2::new,
                        (metric, from, to) -> metric.add(part(predictions, from, to), part(targets, from, to))));
    }

    @TestFactory
    Iterable<DynamicTest> twoHalvesMergeToTheWhole() {
        return cases().stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    int half = 77;
                    Metric whole = each.fed(0, SAMPLES);
                    Metric first = each.fed(0, half);
                    Metric second = each.fed(half, SAMPLES);
                    assertThat(first.value()).isNotEqualTo(whole.value());
                    first.merge(second.state());
                    assertThat(first.value()).isFinite().isNotZero();
                    assertThat(first.value()).isCloseTo(whole.value(), within(1e-12 * Math.abs(whole.value())));
                    assertThat(first.state()).hasSameSizeAs(whole.state());
                }))
                .toList();
    }

    @TestFactory
    Iterable<DynamicTest> aStateRestoresAMetric() {
        return cases().stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    Metric saved = each.fed(0, SAMPLES);
                    Metric restored = each.empty().get();
                    assertThat(restored.value()).isNaN();
                    restored.merge(saved.state());
                    restored.merge(each.empty().get().state());
                    assertThat(restored.value()).isEqualTo(saved.value());
                    assertThat(restored.state()).containsExactly(saved.state());
                }))
                .toList();
    }

    @TestFactory
    Iterable<DynamicTest> aStateOfConstantLengthMergesWithItsLikeAlone() {
        return cases().stream()
                .filter(Case::constant)
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    double[] state = each.fed(0, SAMPLES).state();
                    assertThat(state).hasSameSizeAs(each.empty().get().state());
                    Metric other = each.empty().get();
                    assertThatThrownBy(() -> other.merge(Arrays.copyOf(state, state.length + 1)))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContainingAll("" + state.length, "got " + (state.length + 1));
                }))
                .toList();
    }

    private float[] row(int from, int to) {
        return Arrays.copyOfRange(rows, from * K, to * K);
    }

    private static float[] part(float[] all, int from, int to) {
        return Arrays.copyOfRange(all, from, to);
    }

    private static int[] part(int[] all, int from, int to) {
        return Arrays.copyOfRange(all, from, to);
    }
}
