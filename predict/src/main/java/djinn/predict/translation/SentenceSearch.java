package djinn.predict.translation;

import djinn.data.text.SpecialTokens;
import djinn.data.text.TokenSequence;
import djinn.inference.text.BeamSearch;
import djinn.inference.text.Continuation;
import djinn.inference.text.Decoding;
import djinn.inference.text.Hypothesis;
import djinn.inference.text.TokenModel;
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
     */
    public static List<List<Hypothesis>> search(
            TokenModel model, List<TokenSequence> sources, SpecialTokens special, Decoding decoding) {
        int longest = sources.stream().mapToInt(TokenSequence::size).max().orElse(0);
        Decoding bounded = decoding.withLongest(Math.min(decoding.longest(), TIMES * (longest + 1) + MORE));
        try (Continuation begun =
                model.begin(sources.stream().map(special::ended).toList())) {
            return BeamSearch.search(begun, bounded, special.end());
        }
    }
}
