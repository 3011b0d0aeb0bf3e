package djinn.predict.translation;

import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.inference.text.Hypothesis;

/**
 * What a text may be in the other language.
 *
 * @param text the translation
 * @param score by which the better is told: its logarithm of probability, made fair to long ones
 * @param logProbability the natural logarithm of its probability
 * @param ended whether it came to its end, rather than to the greatest length
 */
public record Translation(String text, double score, double logProbability, boolean ended) {

    static Translation of(Hypothesis found, Tokenizer tokenizer) {
        return new Translation(text(tokenizer, found.tokens()), found.score(), found.logProbability(), found.ended());
    }

    /** Returns the text of tokens, as it is told and as it is measured. */
    public static String text(Tokenizer tokenizer, TokenSequence tokens) {
        return tokenizer.decode(tokens).strip();
    }
}
