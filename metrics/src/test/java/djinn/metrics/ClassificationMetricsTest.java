package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.PyTorch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ClassificationMetricsTest {

    private static final JsonNode RECORD = Golden.read("metrics.json").get("multiclass");
    private static final int CLASSES = 4;

    private final float[] scores = Golden.floats(RECORD.get("scores"));
    private final int[] labels = Arrays.stream(Golden.doubles(RECORD.get("labels")))
            .mapToInt(label -> (int) label)
            .toArray();

    @Test
    void accuraciesAndConfusionAreTheReferences() {
        ClassificationMetrics metrics = new ClassificationMetrics(CLASSES);
        metrics.add(0, scores, labels);
        TopKAccuracy top2 = new TopKAccuracy(2);
        top2.add(scores, labels);
        assertThat(metrics.values().get("accuracy"))
                .isCloseTo(RECORD.get("accuracy").asDouble(), within(1e-9));
        assertThat(top2.value()).isCloseTo(RECORD.get("top2").asDouble(), within(1e-9));
        assertThat(metrics.confusion().value()).isCloseTo(RECORD.get("accuracy").asDouble(), within(1e-9));
        assertThat(metrics.confusion().state()).containsExactly(Golden.doubles(RECORD.get("confusion")));
        assertThat(metrics.images()).isEqualTo(labels.length);
    }

    @Test
    void halvesMergeToTheWhole() {
        int half = labels.length / 2;
        ClassificationMetrics whole = new ClassificationMetrics(CLASSES);
        ClassificationMetrics first = new ClassificationMetrics(CLASSES);
        ClassificationMetrics second = new ClassificationMetrics(CLASSES);
        whole.add(.5, scores, labels);
        first.add(.5, Arrays.copyOf(scores, half * CLASSES), Arrays.copyOf(labels, half));
        second.add(
                .5,
                Arrays.copyOfRange(scores, half * CLASSES, scores.length),
                Arrays.copyOfRange(labels, half, labels.length));
        first.merge(second.state());
        assertThat(first.values()).isEqualTo(whole.values());
        assertThat(first.confusion().state()).containsExactly(whole.confusion().state());
    }

    @Test
    void resultsOnTheDeviceAreReadWhenTheyAreAskedFor() {
        ClassificationMetrics read = new ClassificationMetrics(CLASSES);
        ClassificationMetrics left = new ClassificationMetrics(CLASSES);
        for (int batch = 0; batch < 35; batch++) {
            float loss = batch / 8f;
            int[] shifted =
                    Arrays.stream(labels).map(label -> (label + 1) % CLASSES).toArray();
            int[] some = batch % 3 == 0 ? shifted : labels;
            read.add(loss, scores, some);
            try (NDManager step = PyTorch.newManager()) {
                left.add(step.create(loss), step.create(scores, new Shape(labels.length, CLASSES)), some);
            }
        }
        assertThat(left.images()).isEqualTo(35L * labels.length);
        assertThat(left.values()).isEqualTo(read.values());
        assertThat(left.confusion().state()).containsExactly(read.confusion().state());
        assertThat(left.state()).usingRecursiveComparison().isEqualTo(read.state());
    }

    @Test
    void equalScoresCountForTheFirstClassAlone() {
        TopKAccuracy top1 = new TopKAccuracy(1);
        top1.add(new float[] {1, 1, 1, 1}, new int[] {0, 1});
        assertThat(top1.value()).isEqualTo(.5);
        TopKAccuracy undefined = new TopKAccuracy(2);
        undefined.add(new float[] {Float.NaN, Float.NaN}, new int[] {0});
        assertThat(undefined.value()).isZero();
        assertThat(new TopKAccuracy(1).value()).isNaN();
        assertThatThrownBy(() -> new TopKAccuracy(0)).hasMessageContaining("got 0");
    }
}
