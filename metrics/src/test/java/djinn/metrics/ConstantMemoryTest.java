package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ConstantMemoryTest {

    private static final int UPDATES = 10_000_000;
    private static final int BATCH = 1000;

    private final float[] scores = new float[BATCH];
    private final int[] labels = new int[BATCH];

    ConstantMemoryTest() {
        for (int n = 0; n < BATCH; n++) {
            labels[n] = n % 2;
            // a quarter of the samples lies on the wrong side of one half
            scores[n] = n % 4 == 3 ? .25f : labels[n] == 1 ? .75f : .25f;
        }
    }

    @TestFactory
    Iterable<DynamicTest> tenMillionSamplesTakeNoRoom() {
        Mean mean = new Mean();
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        BrierScore brier = new BrierScore(1);
        RocAuc auc = RocAuc.binned(256);
        R2 r2 = new R2();
        float[] targets = new float[BATCH];
        for (int n = 0; n < BATCH; n++) {
            targets[n] = labels[n];
        }
        Map<Metric, Runnable> updates = new LinkedHashMap<>();
        updates.put(mean, () -> {
            for (float score : scores) {
                mean.add(score, 1);
            }
        });
        updates.put(matrix, () -> matrix.addBinary(scores, .5, labels));
        updates.put(brier, () -> brier.add(scores, labels));
        updates.put(auc, () -> auc.add(scores, labels));
        updates.put(r2, () -> r2.add(scores, targets));
        // of four samples, scores .25 .75 .25 .25 with labels 0 1 0 1
        Map<Metric, Double> figures =
                Map.of(mean, 1.5 / 4, matrix, 3 / 4., brier, (3 / 16. + 9 / 16.) / 4, auc, 3 / 4., r2, 1 - .75);
        return updates.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey().getClass().getSimpleName(),
                        () -> keepsItsSize(entry.getKey(), entry.getValue(), figures.get(entry.getKey()))))
                .toList();
    }

    private static void keepsItsSize(Metric metric, Runnable batch, double figure) {
        int length = metric.state().length;
        batch.run();
        long before = usedBytes();
        for (int done = BATCH; done < UPDATES; done += BATCH) {
            batch.run();
        }
        assertThat(metric.value()).isCloseTo(figure, within(1e-9));
        assertThat(metric.state()).hasSize(length);
        // a single byte kept of every sample would be ten million
        assertThat(usedBytes() - before).isLessThan(5_000_000);
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
