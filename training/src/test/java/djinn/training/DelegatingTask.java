package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Batches;
import djinn.metrics.Metric;
import djinn.metrics.Metrics;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Another task in all but what a test makes otherwise. */
abstract class DelegatingTask implements Task {

    private final Task task;

    DelegatingTask(Task task) {
        this.task = task;
    }

    /** Some figures of other metrics. */
    static Metrics only(Metrics all, List<String> names) {
        return new Metrics() {
            @Override
            public Map<String, Metric> byName() {
                return all.byName();
            }

            @Override
            public List<String> figures() {
                return names;
            }

            @Override
            public void close() {
                all.close();
            }
        };
    }

    @Override
    public NamedBlock newModel() {
        return task.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        return task.startFrom(model);
    }

    @Override
    public int batchesPerEpoch() {
        return task.batchesPerEpoch();
    }

    @Override
    public int batchSize(int index) {
        return task.batchSize(index);
    }

    @Override
    public Batches trainingBatches(int epoch, int first) {
        return task.trainingBatches(epoch, first);
    }

    @Override
    public Batches validationBatches() {
        return task.validationBatches();
    }

    @Override
    public Metrics newMetrics() {
        return task.newMetrics();
    }

    @Override
    public NDArray loss(NamedBlock model, Batch batch, NDManager manager, Pass pass, Metrics metrics) {
        return task.loss(model, batch, manager, pass, metrics);
    }

    @Override
    public String objective() {
        return task.objective();
    }

    @Override
    public Map<String, String> modelMetadata() {
        return task.modelMetadata();
    }

    @Override
    public String dataFingerprint() {
        return task.dataFingerprint();
    }

    @Override
    public Map<String, String> skipped() {
        return task.skipped();
    }
}
