package djinn.data.text;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.Sampling;
import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Pairs in batches of like lengths, so that little is padding.
 *
 * <p>With a seed, each epoch shuffles the pairs, sorts them by length in pools of some batches, and goes through the batches
 * in an order of chance; where a batch has a budget of tokens, all pairs are one pool, so that every epoch has as many
 * batches of the same sizes, and chance decides among pairs of equal lengths. Without a seed, pairs come by length.
 */
public final class PairFeed implements Feed<PairBatch> {

    /** How many batches are sorted by length together: few enough that other pairs meet in each epoch. */
    private static final int POOL = 50;

    private final List<TokenPair> pairs;
    private final SpecialTokens special;
    private final Size size;
    private final OptionalLong seed;
    private final int workers;

    /** Where batches begin among the pairs, then how many pairs there are: the same in every epoch. */
    private final int[] bounds;

    /**
     * How much a batch holds.
     *
     * @param pairs N at most
     * @param tokens of sources and targets at most, padding among them, or a single pair; as many as there are if left out
     */
    public record Size(int pairs, OptionalInt tokens) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if they are below 1
         */
        public Size {
            if (pairs < 1 || tokens.orElse(1) < 1) {
                throw new IllegalArgumentException("expected a batch of at least 1 pair and 1 token, got " + pairs
                        + (tokens.isPresent() ? " and " + tokens.getAsInt() : ""));
            }
        }
    }

    /**
     * A feed.
     *
     * @param pairs at least one
     * @param special what fills up, starts and ends
     * @param size of a batch
     * @param seed the run's; empty of held-out pairs
     * @param workers how many threads, at least 1
     * @throws DataException if there are no pairs
     * @throws IllegalArgumentException if workers are below 1
     */
    public PairFeed(List<TokenPair> pairs, SpecialTokens special, Size size, OptionalLong seed, int workers) {
        if (pairs.isEmpty()) {
            throw new DataException("expected at least one pair, found none");
        }
        if (workers < 1) {
            throw new IllegalArgumentException("expected workers of at least 1, got " + workers);
        }
        this.pairs = List.copyOf(pairs);
        this.special = special;
        this.size = size;
        this.seed = seed;
        this.workers = workers;
        bounds = size.tokens.isPresent() ? byTokens(size.tokens.getAsInt()) : byPairs();
    }

    private int[] byPairs() {
        return IntStream.rangeClosed(0, Batches.count(pairs.size(), size.pairs))
                .map(batch -> Math.min(batch * size.pairs, pairs.size()))
                .toArray();
    }

    private int[] byTokens(int most) {
        int[] order = inOrder();
        sort(order, 0, order.length);
        IntStream.Builder found = IntStream.builder().add(0);
        int from = 0;
        int source = 0;
        int target = 0;
        for (int i = 0; i < order.length; i++) {
            TokenPair pair = pairs.get(order[i]);
            source = Math.max(source, pair.sourceLength());
            target = Math.max(target, pair.targetLength());
            if (i > from && (i - from == size.pairs || (long) (i - from + 1) * (source + target) > most)) {
                found.add(i);
                from = i;
                source = pair.sourceLength();
                target = pair.targetLength();
            }
        }
        return found.add(order.length).build().toArray();
    }

    @Override
    public int batchesPerEpoch() {
        return bounds.length - 1;
    }

    @Override
    public int batchSize(int index) {
        int batch = size.tokens.isPresent() ? places(0)[index] : index;
        return bounds[batch + 1] - bounds[batch];
    }

    @Override
    public Batches<PairBatch> batches(int epoch, int first) {
        int[] order = order(epoch);
        int[] places = places(epoch);
        return new Batches<>(index -> make(order, places[index]), first, batchesPerEpoch(), workers);
    }

    private PairBatch make(int[] order, int batch) {
        return new PairBatch(
                Arrays.stream(order, bounds[batch], bounds[batch + 1])
                        .mapToObj(pairs::get)
                        .toList(),
                special);
    }

    private int[] inOrder() {
        return IntStream.range(0, pairs.size()).toArray();
    }

    private int[] order(int epoch) {
        int[] order = inOrder();
        seed.ifPresent(own -> Sampling.shuffle(order, order.length, new SplittableRandom(Randomness.mix(own, epoch))));
        boolean whole = seed.isEmpty() || size.tokens.isPresent();
        int pool = whole ? order.length : (int) Math.min(order.length, (long) POOL * size.pairs);
        for (int from = 0; from < order.length; from += pool) {
            sort(order, from, Math.min(order.length, from + pool));
        }
        return order;
    }

    /** By the target's length, then by the source's, up and down in turns; of equal ones the order stays. */
    private void sort(int[] order, int from, int to) {
        int[] sorted = Arrays.stream(order, from, to)
                .boxed()
                .sorted(Comparator.comparingInt(
                                (Integer index) -> pairs.get(index).targetLength())
                        .thenComparingInt(index -> upAndDown(pairs.get(index))))
                .mapToInt(index -> index)
                .toArray();
        System.arraycopy(sorted, 0, order, from, sorted.length);
    }

    /** So that lengths do not jump from the longest source of a target's length to the shortest of the next. */
    private static int upAndDown(TokenPair pair) {
        return pair.targetLength() % 2 == 0 ? pair.sourceLength() : -pair.sourceLength();
    }

    /** Which batch comes when. A last one that holds fewer stays the last; batches of many sizes come alike in all epochs. */
    private int[] places(int epoch) {
        int[] places = IntStream.range(0, batchesPerEpoch()).toArray();
        if (seed.isPresent()) {
            boolean alike = size.tokens.isPresent();
            long drawn = Randomness.mix(seed.getAsLong(), alike ? -1 : epoch, 1);
            Sampling.shuffle(places, alike ? places.length : pairs.size() / size.pairs, new SplittableRandom(drawn));
        }
        return places;
    }
}
