package djinn.inference.text;

import djinn.data.text.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A language model that remembers nothing: it reads each sequence again from its first token.
 *
 * @param vocabulary K, the number of tokens there are
 * @param model computes the logits (K) of what follows each of several sequences
 * @param release what is done at the end
 */
record RereadingTokenModel(int vocabulary, Function<List<long[]>, List<float[]>> model, Runnable release)
        implements TokenModel {

    @Override
    public Continuation begin(List<TokenSequence> given) {
        TokenModel.requireOneLength(given);
        return new Begun(
                given.stream().map(one -> one.stream().asLongStream().toArray()).toList());
    }

    @Override
    public void close() {
        release.run();
    }

    private final class Begun implements Continuation {

        private List<long[]> read;
        private List<float[]> logits;

        Begun(List<long[]> read) {
            this.read = read;
            logits = model.apply(read);
        }

        @Override
        public int sequences() {
            return read.size();
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        @Override
        public float[] logits(int sequence) {
            return logits.get(sequence).clone();
        }

        @Override
        public void read(int... tokens) {
            Rows.requireEach(tokens, read.size());
            List<long[]> longer = new ArrayList<>();
            for (int n = 0; n < tokens.length; n++) {
                long[] row = Arrays.copyOf(read.get(n), read.get(n).length + 1);
                row[row.length - 1] = tokens[n];
                longer.add(row);
            }
            logits = model.apply(longer);
            read = longer;
        }

        @Override
        public void keep(int... sequences) {
            Rows.require(sequences, read.size());
            read = Arrays.stream(sequences).mapToObj(read::get).toList();
            logits = Arrays.stream(sequences).mapToObj(logits::get).toList();
        }

        @Override
        public void close() {
            read = List.of();
            logits = List.of();
        }
    }
}
