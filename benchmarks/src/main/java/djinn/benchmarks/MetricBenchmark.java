package djinn.benchmarks;

import djinn.metrics.ConfusionMatrix;
import djinn.metrics.TopKAccuracy;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A batch of 32 answers over 1,000 classes, told to the metrics. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MetricBenchmark {

    private static final int BATCH = 32;
    private static final int CLASSES = 1000;

    private final ConfusionMatrix confusion = new ConfusionMatrix(CLASSES);
    private final TopKAccuracy topFive = new TopKAccuracy(5);
    private final float[] scores = new float[BATCH * CLASSES];
    private final int[] labels = new int[BATCH];

    /** Random answers. */
    public MetricBenchmark() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) random.nextDouble();
        }
        for (int i = 0; i < BATCH; i++) {
            labels[i] = random.nextInt(CLASSES);
        }
    }

    /** Each row's best class against its label. */
    @Benchmark
    public void confusionMatrix() {
        confusion.add(scores, labels);
    }

    /** Whether the label is among the best five. */
    @Benchmark
    public void topFive() {
        topFive.add(scores, labels);
    }
}
