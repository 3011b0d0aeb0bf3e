package djinn.data.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.Arrays;
import java.util.List;

/** Texts with classes that are trained on together: as long as the longest, the others filled up behind. */
public final class TextBatch implements Batch {

    private final long[] tokens;
    private final long[] padding;
    private final int[] labels;
    private final Shape shape;

    /**
     * Texts as tokens, and the class of each.
     *
     * @param tokens at least one
     * @param label the class's number
     */
    public record Example(TokenSequence tokens, int label) {}

    /**
     * A batch.
     *
     * @param examples N of them
     */
    public TextBatch(List<Example> examples) {
        int longest = Math.max(
                1,
                examples.stream()
                        .mapToInt(example -> example.tokens.size())
                        .max()
                        .orElse(0));
        shape = new Shape(examples.size(), longest);
        tokens = new long[Math.multiplyExact(examples.size(), longest)];
        padding = new long[tokens.length];
        labels = new int[examples.size()];
        for (int n = 0; n < labels.length; n++) {
            Example example = examples.get(n);
            labels[n] = example.label;
            fill(example.tokens, n * longest, (n + 1) * longest, tokens, padding);
        }
    }

    /** Some rows of another batch, as long as it is. */
    private TextBatch(TextBatch all, Share share) {
        int length = all.length();
        shape = new Shape(share.size(), length);
        tokens = Arrays.copyOfRange(all.tokens, share.from() * length, share.to() * length);
        padding = Arrays.copyOfRange(all.padding, share.from() * length, share.to() * length);
        labels = Arrays.copyOfRange(all.labels, share.from(), share.to());
    }

    /**
     * Writes a text and its padding.
     *
     * @param text no longer than there is room
     * @param from where in both
     * @param to behind the last place
     * @param tokens written to: the tokens, then zeros
     * @param padding written to: zeros, then ones
     */
    public static void fill(TokenSequence text, int from, int to, long[] tokens, long[] padding) {
        text.copy(0, tokens, from, text.size());
        for (int i = from + text.size(); i < to; i++) {
            tokens[i] = 0;
            padding[i] = 1;
        }
    }

    @Override
    public int size() {
        return labels.length;
    }

    /** Returns the tokens of the longest text, T. */
    public int length() {
        return (int) shape.get(1);
    }

    /**
     * Returns the tokens.
     *
     * @param manager owns the array
     * @return (N, T), int64; 0 at padding
     */
    public NDArray tokens(NDManager manager) {
        return manager.create(tokens, shape);
    }

    /**
     * Returns where padding is.
     *
     * @param manager owns the array
     * @return (N, T), int64: 0 at the text, 1 behind it
     */
    public NDArray padding(NDManager manager) {
        return manager.create(padding, shape);
    }

    /**
     * Returns the classes.
     *
     * @param manager owns the array
     * @return (N), int64
     */
    public NDArray targets(NDManager manager) {
        long[] targets = new long[labels.length];
        for (int n = 0; n < targets.length; n++) {
            targets[n] = labels[n];
        }
        return manager.create(targets);
    }

    /** Returns the classes, (N). */
    public int[] labels() {
        return labels.clone();
    }

    @Override
    public List<TextBatch> split(int parts) {
        return Share.of(size(), parts).stream()
                .map(share -> new TextBatch(this, share))
                .toList();
    }

    @Override
    public void close() {
        // arrays of Java
    }
}
