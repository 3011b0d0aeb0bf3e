package djinn.data;

import java.util.List;

/** Examples that are trained on together; to be closed, so that its memory is used again. */
public interface Batch extends AutoCloseable {

    /** Returns the number of examples; 0 if all of them were skipped. */
    int size();

    /**
     * Cuts it into shares of whole examples, as even as can be, each of which can be learned from by itself. They look at
     * this batch's memory, and are done with before it is closed; they need not be closed.
     *
     * @param parts how many, at least 1; there are fewer where there are fewer examples
     * @return batches of this batch's own kind, in the order of its examples
     * @throws IllegalArgumentException if batches of this kind cannot be cut
     */
    default List<? extends Batch> split(int parts) {
        throw new IllegalArgumentException("train.devices: expected batches that several devices can share, got a "
                + getClass().getSimpleName() + ", which does not implement split; train on one device");
    }

    /** Gives the memory back. */
    @Override
    void close();
}
