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
 * @param bestStep the steps that were done then; null before the first validation, and if the run is from before it
 *     was kept
 * @param epochsSinceBest validations without a better one
 * @param stoppedEarly whether patience ran out
 * @param watched the figure the schedule watches at each validation so far, oldest first; empty if it watches none
 * @param kept the best few weights, best first
 * @param time how long it took; null if that is not limited, so that equal runs have equal checkpoints
 * @param dataFingerprint the data's digest
 */
record Progress(
        int epoch,
        int batch,
        long step,
        Double best,
        Double bestLoss,
        int bestEpoch,
        Long bestStep,
        int epochsSinceBest,
        boolean stoppedEarly,
        List<Double> watched,
        List<KeptFile> kept,
        Time time,
        String dataFingerprint) {

    /**
     * How long a run took.
     *
     * @param seconds over all sittings
     * @param over whether that was as long as it may
     * @param concluded whether the epoch it ended in was validated after that
     */
    record Time(double seconds, boolean over, boolean concluded) {}

    Progress {
        // older checkpoints do not have them
        watched = watched == null ? List.of() : List.copyOf(watched);
        kept = kept == null ? List.of() : List.copyOf(kept);
    }

    static Progress start(String dataFingerprint) {
        return new Progress(0, 0, 0, null, null, -1, null, 0, false, List.of(), List.of(), null, dataFingerprint);
    }

    /** The same run a few batches on. */
    Progress at(int newBatch, long newStep) {
        return at(epoch, newBatch, newStep);
    }

    /** The same run at the start of the next epoch, which was not validated. */
    Progress nextEpoch(long newStep) {
        return at(epoch + 1, 0, newStep);
    }

    private Progress at(int newEpoch, int newBatch, long newStep) {
        return new Progress(
                newEpoch,
                newBatch,
                newStep,
                best,
                bestLoss,
                bestEpoch,
                bestStep,
                epochsSinceBest,
                stoppedEarly,
                watched,
                kept,
                time,
                dataFingerprint);
    }

    /** The same run at the start of the next epoch; patience is for the objective alone. */
    Progress nextEpoch(
            long newStep, Goal goal, Double objective, Double loss, List<Double> newlyWatched, int patience) {
        boolean clearly = best == null || goal.isBetter(objective, best);
        int since = bestEpoch < 0 || clearly ? 0 : epochsSinceBest + 1;
        Progress next = isBetter(goal, objective, loss) ? withBest(objective, loss, epoch, newStep) : this;
        return new Progress(
                epoch + 1,
                0,
                newStep,
                next.best,
                next.bestLoss,
                next.bestEpoch,
                next.bestStep,
                since,
                since >= patience,
                Stream.concat(watched.stream(), newlyWatched.stream()).toList(),
                kept,
                time,
                dataFingerprint);
    }

    /**
     * The same run, whose best weights are others: those after an epoch and some steps, or none yet where there is no
     * objective.
     */
    Progress withBest(Double objective, Double loss, int newBestEpoch, Long newBestStep) {
        return new Progress(
                epoch,
                batch,
                step,
                objective,
                loss,
                newBestEpoch,
                newBestStep,
                epochsSinceBest,
                stoppedEarly,
                watched,
                kept,
                time,
                dataFingerprint);
    }

    /** The same run, of which other weights are kept. */
    Progress withKept(List<KeptFile> newKept) {
        return new Progress(
                epoch,
                batch,
                step,
                best,
                bestLoss,
                bestEpoch,
                bestStep,
                epochsSinceBest,
                stoppedEarly,
                watched,
                newKept,
                time,
                dataFingerprint);
    }

    /** The same run, which took so long. */
    Progress withTime(Time newTime) {
        return new Progress(
                epoch,
                batch,
                step,
                best,
                bestLoss,
                bestEpoch,
                bestStep,
                epochsSinceBest,
                stoppedEarly,
                watched,
                kept,
                newTime,
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
                bestStep,
                epochsSinceBest,
                epochsSinceBest >= patience,
                watched,
                kept,
                time,
                dataFingerprint);
    }

    /** Whether an objective is better than the best so far, or the same at a lower loss; it is null where none tells. */
    boolean isBetter(Goal goal, Double objective, Double loss) {
        if (bestEpoch < 0 || best == null || goal.isBetter(objective, best)) {
            return true;
        }
        return objective.equals(best) && loss != null && bestLoss != null && loss < bestLoss;
    }

    /** Whether a checkpoint is of the moment at which the weights were the best. */
    boolean isBestOf(Progress saved) {
        return bestStep == null
                ? saved.epoch == bestEpoch + 1 && saved.batch == 0
                : saved.step == bestStep && saved.epoch == (saved.batch == 0 ? bestEpoch + 1 : bestEpoch);
    }
}
