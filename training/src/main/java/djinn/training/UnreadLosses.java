package djinn.training;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/** Losses that are still on the device: a run waits for it only when they are looked at. */
final class UnreadLosses {

    /** Losses at most: a run that diverges goes on for as many batches. */
    private static final int MOST = 16;

    private record Unread(String turn, NDArray value, long step, double lr) {}

    /**
     * A loss that was read.
     *
     * @param turn the name of the turn it is of
     * @param value the loss
     * @param step the step it belongs to, from 0 on
     * @param lr the learning rate of the step before
     */
    record Loss(String turn, double value, long step, double lr) {}

    private final List<Unread> unread = new ArrayList<>();

    void add(String turn, NDArray value, long step, double lr) {
        unread.add(new Unread(turn, value, step, lr));
    }

    boolean areMany() {
        return unread.size() >= MOST;
    }

    /** Reads and forgets the losses since the last look, in their order. */
    List<Loss> read() {
        List<Loss> losses = new ArrayList<>();
        for (Unread loss : unread) {
            try (NDArray value = loss.value) {
                losses.add(new Loss(loss.turn, value.getFloat(), loss.step, loss.lr));
            }
        }
        unread.clear();
        return losses;
    }
}
