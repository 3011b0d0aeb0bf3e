package djinn.data;

/** Examples that are trained on together; to be closed, so that its memory is used again. */
public interface Batch extends AutoCloseable {

    /** Returns the number of examples; 0 if all of them were skipped. */
    int size();

    /** Gives the memory back. */
    @Override
    void close();
}
