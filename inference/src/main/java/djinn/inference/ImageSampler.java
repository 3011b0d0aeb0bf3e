package djinn.inference;

import djinn.data.Pixels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A trained model that makes images. Any number of threads may use one at once. */
public interface ImageSampler extends AutoCloseable {

    /** Returns what it takes notice of beside the count and the seed. */
    Set<Sampling.Choice> choices();

    /** Returns the classes that it can be told to make images of; none if it cannot. */
    default List<String> classes() {
        return List.of();
    }

    /**
     * Makes images, and hands each on once it is made: no more than a batch of them is kept, however many there are.
     *
     * @param sampling which
     * @param taker given the images in their order, all of one size; what it throws ends the making
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws IllegalStateException if it is closed
     */
    void sample(Sampling sampling, Consumer<? super Pixels> taker);

    /**
     * Makes images, and keeps them all.
     *
     * @param sampling which
     * @return the images, all of one size
     * @throws IllegalArgumentException if the model takes no notice of what is chosen, or knows no such class
     * @throws IllegalStateException if it is closed
     */
    default List<Pixels> sample(Sampling sampling) {
        List<Pixels> images = new ArrayList<>();
        sample(sampling, images::add);
        return List.copyOf(images);
    }

    @Override
    void close();
}
