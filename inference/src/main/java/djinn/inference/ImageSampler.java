package djinn.inference;

import djinn.data.Pixels;
import java.util.List;
import java.util.Set;

/** A trained model that makes images. Any number of threads may use one at once. */
public interface ImageSampler extends AutoCloseable {

    /** Returns what it takes notice of beside the count and the seed. */
    Set<Sampling.Choice> choices();

    /** Returns the classes that it can be told to make images of; none if it cannot. */
    default List<String> classes() {
        return List.of();
    }

    /**
     * Makes images.
     *
     * @param sampling which
     * @return the images, all of one size
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws IllegalStateException if it is closed
     */
    List<Pixels> sample(Sampling sampling);

    @Override
    void close();
}
