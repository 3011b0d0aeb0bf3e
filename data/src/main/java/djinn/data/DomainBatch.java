package djinn.data;

/**
 * Images of two domains that are trained on together. The n-th of one has nothing to do with the n-th of the other.
 *
 * @param a images of the first domain
 * @param b images of the second; as many, unless some could not be read
 */
public record DomainBatch(ImageBatch a, ImageBatch b) implements Batch {

    /** Returns the number of images of the domain that has fewer: 0 if all of one were skipped. */
    @Override
    public int size() {
        return Math.min(a.size(), b.size());
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }
}
