package djinn.data.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.Arrays;
import java.util.List;

/** Windows of a sequence that are trained on together: tokens, and for each the one that follows it. */
public final class TokenBatch implements Batch {

    private final long[] inputs;
    private final long[] targets;
    private final Shape shape;

    /**
     * A batch.
     *
     * @param sequence what it is cut from
     * @param starts the first position of each window, N
     * @param length T, the tokens of a window; one more follows it in the sequence
     */
    TokenBatch(TokenSequence sequence, int[] starts, int length) {
        inputs = new long[Math.multiplyExact(starts.length, length)];
        targets = new long[inputs.length];
        shape = new Shape(starts.length, length);
        for (int n = 0; n < starts.length; n++) {
            sequence.copy(starts[n], inputs, n * length, length);
            sequence.copy(starts[n] + 1, targets, n * length, length);
        }
    }

    /** Some windows of another batch. */
    private TokenBatch(TokenBatch all, Share share) {
        int length = (int) all.shape.get(1);
        shape = new Shape(share.size(), length);
        inputs = Arrays.copyOfRange(all.inputs, share.from() * length, share.to() * length);
        targets = Arrays.copyOfRange(all.targets, share.from() * length, share.to() * length);
    }

    /** Returns the number of tokens to tell, N T. */
    @Override
    public int size() {
        return inputs.length;
    }

    /** Returns the number of windows, N. */
    public int windows() {
        return (int) shape.get(0);
    }

    /**
     * Returns the tokens that are seen.
     *
     * @param manager owns the array
     * @return (N, T), int64
     */
    public NDArray inputs(NDManager manager) {
        return manager.create(inputs, shape);
    }

    /**
     * Returns the token that follows each.
     *
     * @param manager owns the array
     * @return (N, T), int64
     */
    public NDArray targets(NDManager manager) {
        return manager.create(targets, shape);
    }

    @Override
    public List<TokenBatch> split(int parts) {
        return Share.of(windows(), parts).stream()
                .map(share -> new TokenBatch(this, share))
                .toList();
    }

    @Override
    public void close() {
        // arrays of Java
    }
}
