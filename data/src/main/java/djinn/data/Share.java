package djinn.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Some of a batch's examples that follow one another.
 *
 * @param from the place of the first
 * @param to behind the last
 */
public record Share(int from, int to) {

    /**
     * Cuts places into shares that are as even as can be, the larger ones first.
     *
     * @param count how many places
     * @param parts how many shares, at least 1
     * @return so many, but no more than places, and at least one
     */
    public static List<Share> of(int count, int parts) {
        int shares = Math.max(1, Math.min(count, parts));
        List<Share> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < shares; i++) {
            int to = from + count / shares + (i < count % shares ? 1 : 0);
            all.add(new Share(from, to));
            from = to;
        }
        return List.copyOf(all);
    }

    /** Returns how many examples it has. */
    public int size() {
        return to - from;
    }
}
