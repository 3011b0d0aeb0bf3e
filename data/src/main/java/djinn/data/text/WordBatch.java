package djinn.data.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Words with their neighbours, P times: words that are known, and candidates, of which the first is the true one and the
 * others were drawn.
 */
public final class WordBatch implements Batch {

    private final int middles;
    private final long[] words;
    private final long[] padding;
    private final long[] candidates;
    private final Shape known;
    private final Shape told;

    /**
     * What is told of known words.
     *
     * @param known at least one
     * @param candidates the true one, and those drawn
     */
    record Row(TokenSequence known, TokenSequence candidates) {}

    /**
     * A batch.
     *
     * @param rows P of them, of as many candidates each
     * @param middles how many words of the text they are of
     */
    WordBatch(List<Row> rows, int middles) {
        this.middles = rows.isEmpty() ? 0 : middles;
        int most = rows.stream().mapToInt(row -> row.known.size()).max().orElse(1);
        int drawn = rows.isEmpty() ? 1 : rows.get(0).candidates.size();
        known = new Shape(rows.size(), most);
        told = new Shape(rows.size(), drawn);
        words = new long[rows.size() * most];
        padding = new long[words.length];
        candidates = new long[rows.size() * drawn];
        for (int p = 0; p < rows.size(); p++) {
            Row row = rows.get(p);
            TextBatch.fill(row.known, p * most, (p + 1) * most, words, padding);
            row.candidates.copy(0, candidates, p * drawn, drawn);
        }
    }

    /** Some rows of another batch, which count for their part of its middles. */
    private WordBatch(WordBatch all, Share share) {
        int most = (int) all.known.get(1);
        int drawn = (int) all.told.get(1);
        middles = upTo(share.to(), all) - upTo(share.from(), all);
        known = new Shape(share.size(), most);
        told = new Shape(share.size(), drawn);
        words = Arrays.copyOfRange(all.words, share.from() * most, share.to() * most);
        padding = Arrays.copyOfRange(all.padding, share.from() * most, share.to() * most);
        candidates = Arrays.copyOfRange(all.candidates, share.from() * drawn, share.to() * drawn);
    }

    private static int upTo(int row, WordBatch all) {
        return (int) ((long) row * all.middles / all.rows());
    }

    /** Returns how many words of the text stood in the middle. */
    @Override
    public int size() {
        return middles;
    }

    /** Returns P. */
    public int rows() {
        return (int) known.get(0);
    }

    /**
     * Returns the words that are known.
     *
     * @param manager owns the array
     * @return (P, C), int64; 0 at padding
     */
    public NDArray words(NDManager manager) {
        return manager.create(words, known);
    }

    /**
     * Returns where there is no word.
     *
     * @param manager owns the array
     * @return (P, C), int64, 1 where there is none; empty if there is one everywhere
     */
    public Optional<NDArray> padding(NDManager manager) {
        return known.get(1) == 1 ? Optional.empty() : Optional.of(manager.create(padding, known));
    }

    /**
     * Returns the words that are told from them.
     *
     * @param manager owns the array
     * @return (P, M), int64, the true one first
     */
    public NDArray candidates(NDManager manager) {
        return manager.create(candidates, told);
    }

    /**
     * Returns which candidates are true.
     *
     * @param manager owns the array
     * @return (P, M), float32: 1 in the first column, else 0
     */
    public NDArray targets(NDManager manager) {
        float[] targets = new float[candidates.length];
        for (int at = 0; at < targets.length; at += (int) told.get(1)) {
            targets[at] = 1;
        }
        return manager.create(targets, told).toType(DataType.FLOAT32, false);
    }

    /** Shares have whole middles, each as many rows for one, up to rounding. */
    @Override
    public List<WordBatch> split(int parts) {
        return Share.of(rows(), Math.min(parts, Math.max(1, middles))).stream()
                .map(share -> new WordBatch(this, share))
                .toList();
    }

    @Override
    public void close() {
        // arrays of Java
    }
}
