package djinn.tasks.images;

import java.util.function.LongFunction;

/**
 * What reads the two parts of the data.
 *
 * @param train the images to learn from
 * @param validation the images held out
 * @param <L> reads one
 */
public record Parts<L>(L train, L validation) {

    /**
     * Makes both, and shares memory out by their numbers of images.
     *
     * @param cacheBytes how much memory decoded images may take
     * @param learned images to learn from, with those held out at least 1
     * @param heldOut images held out
     * @param train makes the first, of its share of the memory
     * @param validation makes the second
     * @param <L> reads one
     */
    public static <L> Parts<L> of(
            long cacheBytes, int learned, int heldOut, LongFunction<L> train, LongFunction<L> validation) {
        long share = cacheBytes / ((long) learned + heldOut) * learned;
        return new Parts<>(train.apply(share), validation.apply(cacheBytes - share));
    }
}
