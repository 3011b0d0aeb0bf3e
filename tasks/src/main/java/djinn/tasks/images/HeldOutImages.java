package djinn.tasks.images;

import djinn.data.Feed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Which images the batches of a pass over held-out ones hold: those of their places that were not skipped. */
public final class HeldOutImages {

    private final Feed<?> feed;
    private final IntFunction<String> names;
    private final Supplier<Map<String, String>> skipped;
    private int batch;
    private int next;

    /**
     * Before the first batch.
     *
     * @param feed of the images, in their order
     * @param names what each is called
     * @param skipped tells the names of those that were skipped so far
     */
    public HeldOutImages(Feed<?> feed, IntFunction<String> names, Supplier<Map<String, String>> skipped) {
        this.feed = feed;
        this.names = names;
        this.skipped = skipped;
    }

    /**
     * Returns the places of the images of the next batch that holds any.
     *
     * @param size how many it holds, at least 1
     * @return as many
     * @throws IllegalStateException if images became unreadable, or readable, in between
     */
    public List<Integer> next(int size) {
        Set<String> without = skipped.get().keySet();
        List<Integer> places = new ArrayList<>();
        while (places.isEmpty() && batch < feed.batchesPerEpoch()) {
            int end = next + feed.batchSize(batch++);
            for (; next < end; next++) {
                if (!without.contains(names.apply(next))) {
                    places.add(next);
                }
            }
        }
        if (places.size() != size) {
            throw new IllegalStateException(
                    "expected a batch of the " + places.size() + " images that can be read, got one of " + size);
        }
        return places;
    }

    /** Returns what an image is called. */
    public String name(int place) {
        return names.apply(place);
    }
}
