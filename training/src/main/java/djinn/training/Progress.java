package djinn.training;

import java.util.List;
import java.util.stream.Stream;

/**
 * How far a run is: all of its state that is no array.
 *
 * @param epoch the epoch to go on with, from 0 on
 * @param batch the batches of that epoch done: the position in the data's order
 * @param step the steps done
 * @param best the best objective so far; null before the first validation, and where no figure tells
 * @param bestLoss the validation loss of that epoch; null if the task has none, or the run is from before it was kept
 * @param bestEpoch its epoch, or -1
 * @param epochsSinceBest epochs without a better one
 * @param stoppedEarly whether patience ran out
 * @param watched the figure the schedule watches at each validation so far, oldest first; empty if it watches none
 * @param dataFingerprint the data's digest
 */
record Progress(
        int epoch,
        int batch,
        long step,
        Double best,
        Double bestLoss,
        int bestEpoch,
        int epochsSinceBest,
        boolean stoppedEarly,
        List<Double> watched,
        String dataFingerprint) {

    Progress {
        // checkpoints from before there were such schedules do not have it
        watched = watched == null ? List.of() : List.copyOf(watched);
    }

    static Progress start(String dataFingerprint) {
        return new Progress(0, 0, 0, null, null, -1, 0, false, List.of(), dataFingerprint);
    }

    /** The same run a few batches on. */
    Progress at(int newBatch, long newStep) {
        return new Progress(
                epoch,
                newBatch,
                newStep,
                best,
                bestLoss,
                bestEpoch,
                epochsSinceBest,
                stoppedEarly,
                watched,
                dataFingerprint);
    }

    /** The same run at the start of the next epoch; patience is for the objective alone. */
    Progress nextEpoch(
            long newStep, Goal goal, Double objective, Double loss, List<Double> newlyWatched, int patience) {
        boolean better = isBetter(goal, objective, loss);
        boolean clearly = best == null || goal.isBetter(objective, best);
        int since = bestEpoch < 0 || clearly ? 0 : epochsSinceBest + 1;
        return new Progress(
                epoch + 1,
                0,
                newStep,
                better ? objective : best,
                better ? loss : bestLoss,
                better ? epoch : bestEpoch,
                since,
                since >= patience,
                Stream.concat(watched.stream(), newlyWatched.stream()).toList(),
                dataFingerprint);
    }

    /** The same run, whose best weights are others: those of an epoch, or none yet where there is no objective. */
    Progress withBest(Double objective, Double loss, int newBestEpoch) {
        return new Progress(
                epoch,
                batch,
                step,
                objective,
                loss,
                newBestEpoch,
                epochsSinceBest,
                stoppedEarly,
                watched,
                dataFingerprint);
    }

    /** The same run under another patience. */
    Progress withPatience(int patience) {
        return new Progress(
                epoch,
                batch,
                step,
                best,
                bestLoss,
                bestEpoch,
                epochsSinceBest,
                epochsSinceBest >= patience,
                watched,
                dataFingerprint);
    }

    /** Whether an objective is better than the best so far, or the same at a lower loss; it is null where none tells. */
    boolean isBetter(Goal goal, Double objective, Double loss) {
        if (bestEpoch < 0 || best == null || goal.isBetter(objective, best)) {
            return true;
        }
        return objective.equals(best) && loss != null && bestLoss != null && loss < bestLoss;
    }
}
