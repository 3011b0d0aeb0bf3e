package djinn.data;

import djinn.ops.DataException;

/**
 * Examples as they are read, before anything is done to them. May be asked from several threads.
 *
 * @param <E> what an example is
 */
public interface Source<E> {

    /** Returns the number of examples. */
    int size();

    /**
     * Reads an example.
     *
     * @param index from 0 to below the size
     * @return the same at every call, not to be changed
     * @throws DataException if it cannot be read
     */
    E example(int index);

    /**
     * Returns what messages call an example.
     *
     * @param index from 0 to below the size
     * @return a path or a row
     */
    String name(int index);
}
