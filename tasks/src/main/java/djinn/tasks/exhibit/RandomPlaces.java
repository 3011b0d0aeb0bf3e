package djinn.tasks.exhibit;

import djinn.ops.Randomness;
import java.util.Collections;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Places of examples, drawn at random and always the same. */
public final class RandomPlaces {

    private static final long SEED = 11;

    private RandomPlaces() {}

    /**
     * Draws places, any set of them being as likely (Floyd's algorithm; Bentley 1987).
     *
     * @param size of how many examples, at least 0
     * @param count how many are drawn; all if there are fewer
     * @return from 0 to below the size, in their order
     */
    public static SortedSet<Integer> of(int size, int count) {
        SplittableRandom random = new SplittableRandom(Randomness.mix(SEED, size));
        SortedSet<Integer> drawn = new TreeSet<>();
        for (int last = size - Math.min(size, count); last < size; last++) {
            int place = random.nextInt(last + 1);
            drawn.add(drawn.contains(place) ? last : place);
        }
        return Collections.unmodifiableSortedSet(drawn);
    }
}
