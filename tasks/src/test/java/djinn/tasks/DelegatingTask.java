package djinn.tasks;

import ai.djl.ndarray.NDManager;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Another task in all but what a test makes otherwise. */
abstract class DelegatingTask implements Task<ImageBatch> {

    private final Task<ImageBatch> task;

    DelegatingTask(Task<ImageBatch> task) {
        this.task = task;
    }

    /** Figures that tell of others what a test wants. */
    abstract static class DelegatingFigures implements Figures<ImageBatch> {

        private final Figures<ImageBatch> all;

        DelegatingFigures(Figures<ImageBatch> all) {
            this.all = all;
        }

        @Override
        public void add(ImageBatch batch, Outcome outcome) {
            all.add(batch, outcome);
        }

        @Override
        public Map<String, Metric> byName() {
            return all.byName();
        }

        @Override
        public List<String> figures() {
            return all.figures();
        }

        @Override
        public void close() {
            all.close();
        }
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
    public Feed<ImageBatch> training() {
        return task.training();
    }

    @Override
    public Feed<ImageBatch> heldOut() {
        return task.heldOut();
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return task.turns();
    }

    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        return task.evaluate(model, batch, owner, pass);
    }

    @Override
    public Figures<ImageBatch> newFigures() {
        return task.newFigures();
    }

    @Override
    public Goal goal() {
        return task.goal();
    }

    @Override
    public Product product(NamedBlock model) {
        return task.product(model);
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
