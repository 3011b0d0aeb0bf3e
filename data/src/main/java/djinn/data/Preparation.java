package djinn.data;

import java.util.random.RandomGenerator;

/**
 * What is done to an example after it is read and before it joins a batch. May be called from several threads.
 *
 * @param <E> what an example is
 */
public interface Preparation<E> {

    /**
     * Does what is the same every time; an {@link ExampleLoader} keeps what comes of it.
     *
     * @param read as the source gives it, left as it is
     */
    E prepare(E read);

    /**
     * Does what is drawn anew every time.
     *
     * @param prepared left as it is
     * @param random follows from (seed, epoch, example, how often that came before)
     */
    E change(E prepared, RandomGenerator random);

    /** Returns about how many bytes of memory a prepared example takes. */
    long bytes(E prepared);
}
