package djinn.inference.text;

import djinn.data.text.TokenSequence;

/**
 * What a search found.
 *
 * @param tokens what was added, without the end
 * @param logProbability the natural logarithm of their probability, that of the end with it
 * @param score that, made fair to long ones; the higher the better
 * @param ended whether the model ended it, rather than the search for its length
 */
public record Hypothesis(TokenSequence tokens, double logProbability, double score, boolean ended) {}
