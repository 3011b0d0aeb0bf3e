package djinn.tasks.exhibit;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * The worst examples of a pass, so many at most: of the others nothing is kept.
 *
 * @param <T> what is kept of an example
 */
public final class WorstList<T> {

    private final int most;
    private int seen;

    /** The least bad, and of equally bad ones the latest, is the first to leave. */
    private final PriorityQueue<Entry<T>> kept =
            new PriorityQueue<>(Entry.<T>worstFirst().reversed());

    private record Entry<T>(double badness, int place, T example) {

        static <T> Comparator<Entry<T>> worstFirst() {
            return Comparator.comparingDouble((Entry<T> entry) -> -entry.badness)
                    .thenComparingInt(Entry::place);
        }
    }

    /**
     * An empty list.
     *
     * @param most how many are kept, at least 0
     * @throws IllegalArgumentException if it is negative
     */
    public WorstList(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("expected a number of examples of at least 0, got " + most);
        }
        this.most = most;
    }

    /**
     * Tells of an example.
     *
     * @param badness the more, the worse
     * @param example asked for what is kept, only if it is
     * @throws IllegalArgumentException if the badness is NaN
     */
    public void add(double badness, Supplier<? extends T> example) {
        if (Double.isNaN(badness)) {
            throw new IllegalArgumentException("expected a number by which examples are put in order, got NaN");
        }
        int place = seen++;
        if (most == 0 || (kept.size() == most && kept.element().badness >= badness)) {
            return;
        }
        kept.add(new Entry<>(badness, place, example.get()));
        if (kept.size() > most) {
            kept.remove();
        }
    }

    /** Returns what is kept, the worst first, of equally bad ones the earlier first. */
    public List<T> list() {
        return kept.stream().sorted(Entry.worstFirst()).map(Entry::example).toList();
    }
}
