package djinn.predict.translation;

import djinn.data.text.SpecialTokens;
import djinn.data.text.TokenSequence;
import djinn.inference.text.BeamSearch;
import djinn.inference.text.Continuation;
import djinn.inference.text.Decoding;
import djinn.inference.text.Hypothesis;
import djinn.inference.text.TokenModel;
import djinn.ops.DataException;
import java.util.List;

/** How sentences are translated, whoever asks: a validation, or people. */
public final class SentenceSearch {

    /** A translation is at most so many times as long as its source, */
    private static final int TIMES = 2;
    /** and so many tokens: a model that has learnt little does not end by itself. */
    private static final int MORE = 10;

    private SentenceSearch() {}

    /**
     * Translates a batch.
     *
     * @param model goes on with targets
     * @param sources their tokens, without an end
     * @param special the model's
     * @param decoding how
     * @return of each source, what was found, the best first
     * @throws DataException if there is a coverage penalty, and the model does not tell its attention
     */
    public static List<List<Hypothesis>> search(
            TokenModel model, List<TokenSequence> sources, SpecialTokens special, Decoding decoding) {
        int[] longest = sources.stream()
                .mapToInt(source -> TIMES * (source.size() + 1) + MORE)
                .toArray();
        List<TokenSequence> read = sources.stream().map(special::ended).toList();
        BeamSearch.Attention attention = (n, target) -> model.attention(read.get(n), target)
                .orElseThrow(
                        () -> new DataException("expected weights, such as a run's best.safetensors, to search with a"
                                + " coverage penalty: a file of steps does not tell its attention"));
        if (decoding.coveragePenalty() > 0 && !read.isEmpty()) {
            // whether it can be told shows before the search
            attention.shares(0, TokenSequence.of());
        }
        try (Continuation begun = model.begin(read)) {
            return BeamSearch.search(begun, decoding, special.end(), attention, longest);
        }
    }
}
