package djinn.training;

import java.util.Optional;

/**
 * Which validation figure tells the best weights.
 *
 * @param figure its name; empty if the newest weights are the best
 * @param rises whether more is better
 */
public record Goal(Optional<String> figure, boolean rises) {

    private static final Goal NEWEST = new Goal(Optional.empty(), true);

    /** The more of the figure, the better. */
    public static Goal rising(String figure) {
        return new Goal(Optional.of(figure), true);
    }

    /** The less of the figure, the better. */
    public static Goal falling(String figure) {
        return new Goal(Optional.of(figure), false);
    }

    /** No figure tells: the newest weights are kept. */
    public static Goal newest() {
        return NEWEST;
    }

    /** Returns whether a value is better than another; anything is where no figure tells. */
    public boolean isBetter(double value, double than) {
        return figure.isEmpty() || (rises ? value > than : value < than);
    }
}
