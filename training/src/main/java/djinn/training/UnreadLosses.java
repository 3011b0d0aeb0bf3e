package djinn.training;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Losses that are still on the device: a run waits for it only when they are looked at. */
final class UnreadLosses {

    /** Losses at most: a run that diverges goes on for as many batches. */
    private static final int MOST = 16;

    private record Unread(NDArray value, long step, double lr) {}

    /**
     * A loss that was read.
     *
     * @param value the loss
     * @param step the step it belongs to, from 0 on
     * @param lr the learning rate of that step
     */
    record Loss(double value, long step, double lr) {}

    private final List<Unread> unread = new ArrayList<>();

    void add(NDArray value, long step, double lr) {
        unread.add(new Unread(value, step, lr));
    }

    boolean areMany() {
        return unread.size() >= MOST;
    }

    /** Reads and forgets the losses since the last look; returns the first that is no number or infinite. */
    Optional<Loss> firstNotFinite() {
        Loss found = null;
        for (Unread loss : unread) {
            try (NDArray value = loss.value) {
                Loss read = new Loss(value.getFloat(), loss.step, loss.lr);
                found = found == null && !Double.isFinite(read.value) ? read : found;
            }
        }
        unread.clear();
        return Optional.ofNullable(found);
    }
}
