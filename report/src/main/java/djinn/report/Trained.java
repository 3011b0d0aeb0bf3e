package djinn.report;

import ai.djl.ndarray.NDManager;
import djinn.export.trace.Graph;
import djinn.export.trace.Summary;
import djinn.export.trace.Tracer;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.tasks.TrainedRun;
import djinn.training.exhibit.Exhibit;
import djinn.training.run.RunFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What only a run's model and data can tell.
 *
 * @param exhibits what the task shows of the model
 * @param summary its layers; empty if they cannot be told
 * @param missing what could not be had, and why
 */
record Trained(List<Exhibit> exhibits, Optional<SummaryTable> summary, List<Missing> missing) {

    private static final int SEED = 7;

    /** Copies the lists. */
    Trained {
        exhibits = List.copyOf(exhibits);
        missing = List.copyOf(missing);
    }

    static Trained of(RunFolder folder, List<String> overrides, int pictures) {
        try (TrainedRun run = TrainedRun.open(folder, overrides)) {
            List<Missing> missing = new ArrayList<>();
            List<Exhibit> exhibits = List.of();
            try {
                exhibits = run.exhibits(pictures);
            } catch (DataException | IllegalArgumentException e) {
                missing.add(new Missing(Missing.EXHIBITS, e.getMessage()));
            }
            return new Trained(exhibits, summary(run, missing), missing);
        } catch (DataException | IllegalArgumentException e) {
            String moved = overrides.isEmpty() && !e.getMessage().contains("best.safetensors")
                    ? "; where files were moved, --set KEY=PATH says where they lie now, such as data.root"
                    : "";
            return new Trained(
                    List.of(),
                    Optional.empty(),
                    List.of(
                            new Missing(Missing.EXHIBITS, e.getMessage() + moved),
                            new Missing(Missing.SUMMARY, "the model cannot be opened, for the same reason")));
        }
    }

    private static Optional<SummaryTable> summary(TrainedRun run, List<Missing> missing) {
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(SEED);
            try (Graph graph = Tracer.trace(run.product().block(), run.productInput(manager))) {
                Summary summary = Summary.of(run.product().block(), graph);
                return Optional.of(SummaryTable.of(run.recipe().modelName(), summary));
            }
        } catch (DataException | IllegalArgumentException e) {
            missing.add(new Missing(Missing.SUMMARY, e.getMessage()));
            return Optional.empty();
        }
    }
}
