package djinn.inference.text;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sequences whose next tokens have probabilities that are told by hand. */
final class TableContinuation implements Continuation {

    private final Function<List<Integer>, double[]> probabilities;
    private List<List<Integer>> sequences;

    /**
     * Begins.
     *
     * @param sequences what is there already
     * @param probabilities of each next token, behind a sequence
     */
    TableContinuation(List<List<Integer>> sequences, Function<List<Integer>, double[]> probabilities) {
        this.sequences = sequences;
        this.probabilities = probabilities;
    }

    List<List<Integer>> read() {
        return sequences;
    }

    @Override
    public int sequences() {
        return sequences.size();
    }

    @Override
    public int vocabulary() {
        return probabilities.apply(sequences.get(0)).length;
    }

    @Override
    public float[] logits(int sequence) {
        double[] row = probabilities.apply(sequences.get(sequence));
        float[] logits = new float[row.length];
        for (int k = 0; k < row.length; k++) {
            // what is added to all changes nothing
            logits[k] = (float) (Math.log(row[k]) + 3);
        }
        return logits;
    }

    @Override
    public void read(int... tokens) {
        List<List<Integer>> before = sequences;
        sequences = IntStream.range(0, tokens.length)
                .mapToObj(n -> Stream.concat(before.get(n).stream(), Stream.of(tokens[n]))
                        .toList())
                .toList();
    }

    @Override
    public void keep(int... kept) {
        Rows.require(kept, sequences.size());
        List<List<Integer>> before = sequences;
        sequences = Arrays.stream(kept).mapToObj(before::get).toList();
    }

    @Override
    public void close() {
        sequences = List.of();
    }
}
