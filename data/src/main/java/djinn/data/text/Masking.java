package djinn.data.text;

import djinn.ops.Default;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Which tokens of a text a model must tell, and what it sees in their places (Devlin et al. 2019, section 3.1 and appendix
 * C.2): mostly the mask; now and then another token or the token itself, so that what is not masked is worth a look too.
 *
 * @param share of a text's tokens that are told, rounded; one at least
 * @param mask the share of these in whose place the mask is seen
 * @param random the share of these in whose place a token is seen that is drawn among all; the others are seen as they are
 */
public record Masking(
        @Default("0.15") double share,
        @Default("0.8") double mask,
        @Default("0.1") double random) {

    /** Checks the ranges. */
    public Masking {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("expected share above 0 and up to 1, got " + share);
        }
        if (!(mask >= 0 && random >= 0 && mask + random <= 1)) {
            throw new IllegalArgumentException(
                    "expected mask and random of at least 0, together at most 1, got " + mask + " and " + random);
        }
    }

    /** Returns the same where nothing but the mask is seen in the places that are told. */
    public Masking masksAlone() {
        return new Masking(share, 1, 0);
    }

    /**
     * Masks a text.
     *
     * @param text of at least one word
     * @param tokens what is a word
     * @param generator decides which are told, and what is seen
     * @throws IllegalArgumentException if there is no word in it
     */
    public MaskedText apply(TokenSequence text, MaskTokens tokens, RandomGenerator generator) {
        int[] places = IntStream.range(0, text.size())
                .filter(place -> tokens.isWord(text.token(place)))
                .toArray();
        if (places.length == 0) {
            throw new IllegalArgumentException("expected a text with a word that can be masked, got " + text);
        }
        int count = Math.max(1, (int) Math.round(share * places.length));
        for (int i = 0; i < count; i++) {
            int other = i + generator.nextInt(places.length - i);
            int place = places[other];
            places[other] = places[i];
            places[i] = place;
        }
        int[] told = Arrays.copyOf(places, count);
        Arrays.sort(told);
        int[] seen = text.stream().toArray();
        for (int place : told) {
            double drawn = generator.nextDouble();
            if (drawn < mask) {
                seen[place] = tokens.mask();
            } else if (drawn < mask + random) {
                seen[place] =
                        tokens.words().get(generator.nextInt(tokens.words().size()));
            }
        }
        return new MaskedText(text, new TokenSequence(seen), new TokenSequence(told));
    }
}
