package djinn.training;

import java.util.List;
import java.util.Map;

/**
 * What a validation gave.
 *
 * @param epoch the epoch after which it was made, from 0 on
 * @param step the steps done
 * @param isWhole whether the epoch was trained to its end
 * @param figures on the held-out data
 * @param reached the figure of the task's goal; null if none tells
 * @param loss the figure of that name; null if there is none
 * @param isBest whether the weights are the best so far
 * @param kept the best few weights by now
 */
record Validated(
        int epoch,
        long step,
        boolean isWhole,
        Map<String, Double> figures,
        Double reached,
        Double loss,
        boolean isBest,
        List<KeptFile> kept) {

    /** The same, by which other weights are kept. */
    Validated with(List<KeptFile> newKept) {
        return new Validated(epoch, step, isWhole, figures, reached, loss, isBest, newKept);
    }
}
