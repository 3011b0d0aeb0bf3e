package djinn.data.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Pairs that are trained on together, the shorter ones filled up.
 *
 * <p>A source is its tokens and the end. A target that is read is the start and its tokens; the one that is to be told, its
 * tokens and the end.
 */
public final class PairBatch implements Batch {

    /** The label of padding, which no loss counts. */
    public static final long IGNORED = -100;

    private final List<TokenPair> pairs;
    private final SpecialTokens special;
    private final int sourceLength;
    private final int targetLength;

    /**
     * A batch as long as its longest.
     *
     * @param pairs at least one
     * @param special what fills up, starts and ends
     */
    public PairBatch(List<TokenPair> pairs, SpecialTokens special) {
        this(pairs, special, longest(pairs, TokenPair::sourceLength), longest(pairs, TokenPair::targetLength));
    }

    /**
     * A batch of a length of one's choice.
     *
     * @param pairs at least one
     * @param special what fills up, starts and ends
     * @param sourceLength S, as long as the longest source with its end at least
     * @param targetLength L, as long as the longest target with its end at least
     * @throws IllegalArgumentException if there are no pairs, or one is longer
     */
    public PairBatch(List<TokenPair> pairs, SpecialTokens special, int sourceLength, int targetLength) {
        this.pairs = List.copyOf(pairs);
        this.special = special;
        this.sourceLength = sourceLength;
        this.targetLength = targetLength;
        if (pairs.isEmpty()
                || longest(pairs, TokenPair::sourceLength) > sourceLength
                || longest(pairs, TokenPair::targetLength) > targetLength) {
            throw new IllegalArgumentException("expected pairs, none longer than " + sourceLength + " and "
                    + targetLength + " tokens, got " + pairs.size());
        }
    }

    private static int longest(List<TokenPair> pairs, ToIntFunction<TokenPair> length) {
        return pairs.stream().mapToInt(length).max().orElse(0);
    }

    /** Returns the number of pairs, N. */
    @Override
    public int size() {
        return pairs.size();
    }

    /** Returns the pairs, in the order of rows. */
    public List<TokenPair> pairs() {
        return pairs;
    }

    /** Returns S, the length of sources with their padding. */
    public int sourceLength() {
        return sourceLength;
    }

    /** Returns the number of tokens to tell, ends among them and padding not. */
    public int tokens() {
        return pairs.stream().mapToInt(TokenPair::targetLength).sum();
    }

    /**
     * Returns the sources.
     *
     * @param manager owns the array
     * @return (N, S), int64
     */
    public NDArray sources(NDManager manager) {
        return rows(manager, sourceLength, special.padding(), (pair, row, from) -> {
            pair.source().copy(0, row, from, pair.source().size());
            row[from + pair.source().size()] = special.end();
        });
    }

    /**
     * Returns where sources are padding.
     *
     * @param manager owns the array
     * @return (N, S), boolean; empty if there is none
     */
    public Optional<NDArray> padding(NDManager manager) {
        if (pairs.stream().allMatch(pair -> pair.sourceLength() == sourceLength)) {
            return Optional.empty();
        }
        boolean[] padding = new boolean[pairs.size() * sourceLength];
        for (int n = 0; n < pairs.size(); n++) {
            Arrays.fill(padding, n * sourceLength + pairs.get(n).sourceLength(), (n + 1) * sourceLength, true);
        }
        return Optional.of(manager.create(padding, new Shape(pairs.size(), sourceLength)));
    }

    /**
     * Returns the targets as they are read.
     *
     * @param manager owns the array
     * @return (N, L), int64
     */
    public NDArray targets(NDManager manager) {
        return rows(manager, targetLength, special.padding(), (pair, row, from) -> {
            row[from] = special.start();
            pair.target().copy(0, row, from + 1, pair.target().size());
        });
    }

    /**
     * Returns what follows each target.
     *
     * @param manager owns the array
     * @return (N, L), int64, {@link #IGNORED} at padding
     */
    public NDArray labels(NDManager manager) {
        return rows(manager, targetLength, IGNORED, (pair, row, from) -> {
            pair.target().copy(0, row, from, pair.target().size());
            row[from + pair.target().size()] = special.end();
        });
    }

    private interface Writer {

        void write(TokenPair pair, long[] rows, int from);
    }

    private NDArray rows(NDManager manager, int length, long padding, Writer writer) {
        long[] rows = new long[Math.multiplyExact(pairs.size(), length)];
        Arrays.fill(rows, padding);
        for (int n = 0; n < pairs.size(); n++) {
            writer.write(pairs.get(n), rows, n * length);
        }
        return manager.create(rows, new Shape(pairs.size(), length));
    }

    @Override
    public List<PairBatch> split(int parts) {
        return Share.of(size(), parts).stream()
                .map(share ->
                        new PairBatch(pairs.subList(share.from(), share.to()), special, sourceLength, targetLength))
                .toList();
    }

    @Override
    public void close() {
        // arrays of Java
    }
}
