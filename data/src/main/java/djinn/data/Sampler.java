package djinn.data;

import java.util.stream.IntStream;

/** Which examples an epoch has, and in what order; {@link Sampling} draws by classes. */
public interface Sampler {

    /** Returns how many places an epoch has. */
    int size();

    /**
     * Returns the example of each place. It depends on the arguments alone, so that a run can be taken up anywhere.
     *
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return {@link #size()} indices of examples; one may come several times
     */
    int[] order(long seed, int epoch);

    /** Returns whether all epochs are the same, whatever the seed; nothing is then drawn anew for an epoch. */
    default boolean isFixed() {
        return false;
    }

    /**
     * Every example once, in the source's order, in every epoch.
     *
     * @param size how many examples there are
     */
    static Sampler sequential(int size) {
        return new Sampler() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public int[] order(long seed, int epoch) {
                return IntStream.range(0, size).toArray();
            }

            @Override
            public boolean isFixed() {
                return true;
            }
        };
    }

    /**
     * Every example once, in an order of which all are equally likely.
     *
     * @param size how many examples there are
     */
    static Sampler shuffled(int size) {
        return Sampling.NONE.of(new int[size]);
    }
}
