package djinn.data.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Batch;
import djinn.data.Share;
import java.util.List;
import java.util.Optional;

/** Masked texts that are trained on together: as long as the longest, the others filled up behind. */
public final class MaskedBatch implements Batch {

    private final List<MaskedText> texts;
    private final int length;

    /**
     * A batch as long as its longest.
     *
     * @param texts N of them
     */
    public MaskedBatch(List<MaskedText> texts) {
        this(texts, texts.stream().mapToInt(text -> text.text().size()).max().orElse(1));
    }

    private MaskedBatch(List<MaskedText> texts, int length) {
        this.texts = List.copyOf(texts);
        this.length = length;
    }

    /** Returns the number of texts, N. */
    @Override
    public int size() {
        return texts.size();
    }

    /** Returns the texts, in the order of rows. */
    public List<MaskedText> texts() {
        return texts;
    }

    /** Returns M, the number of tokens to tell. */
    public int told() {
        return texts.stream().mapToInt(text -> text.places().size()).sum();
    }

    /**
     * Returns what is seen.
     *
     * @param manager owns the array
     * @return (N, T), int64; 0 at padding
     */
    public NDArray tokens(NDManager manager) {
        long[] rows = new long[texts.size() * length];
        for (int n = 0; n < texts.size(); n++) {
            TokenSequence seen = texts.get(n).seen();
            seen.copy(0, rows, n * length, seen.size());
        }
        return manager.create(rows, new Shape(texts.size(), length));
    }

    /**
     * Returns where padding is.
     *
     * @param manager owns the array
     * @return (N, T), int64: 0 at the text, 1 behind it; empty if there is none
     */
    public Optional<NDArray> padding(NDManager manager) {
        if (texts.stream().allMatch(text -> text.seen().size() == length)) {
            return Optional.empty();
        }
        long[] rows = new long[texts.size() * length];
        for (int n = 0; n < texts.size(); n++) {
            for (int t = texts.get(n).seen().size(); t < length; t++) {
                rows[n * length + t] = 1;
            }
        }
        return Optional.of(manager.create(rows, new Shape(texts.size(), length)));
    }

    /**
     * Returns where the tokens to tell are, text by text.
     *
     * @param manager owns the array
     * @return (M), int64: n T + t
     */
    public NDArray places(NDManager manager) {
        long[] places = new long[told()];
        int at = 0;
        for (int n = 0; n < texts.size(); n++) {
            for (int place : texts.get(n).places().stream().toArray()) {
                places[at++] = (long) n * length + place;
            }
        }
        return manager.create(places);
    }

    /**
     * Returns the tokens to tell, text by text.
     *
     * @param manager owns the array
     * @return (M), int64
     */
    public NDArray targets(NDManager manager) {
        return manager.create(texts.stream()
                .flatMapToInt(text -> text.hidden().stream())
                .asLongStream()
                .toArray());
    }

    @Override
    public List<MaskedBatch> split(int parts) {
        return Share.of(size(), parts).stream()
                .map(share -> new MaskedBatch(texts.subList(share.from(), share.to()), length))
                .toList();
    }

    @Override
    public void close() {
        // arrays of Java
    }
}
