package djinn.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Images of two domains that are trained on together. The n-th of one has to do with the n-th of the other only where they
 * come in pairs.
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
    public List<DomainBatch> split(int parts) {
        int shares = Math.min(parts, size());
        List<ImageBatch> ofA = a.split(shares);
        List<ImageBatch> ofB = b.split(shares);
        return IntStream.range(0, ofA.size())
                .mapToObj(i -> new DomainBatch(ofA.get(i), ofB.get(i)))
                .toList();
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }
}
