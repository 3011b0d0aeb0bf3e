package djinn.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * chrF2 of a corpus (Popović 2015), and chrF2++ with words (Popović 2017), as sacrebleu counts them (Post 2018), from 0 to
 * 100: {@code 100 (1 + 4) P R / (4 P + R)}.
 *
 * <p>P is the share of the hypotheses' n-grams that the reference has too, R that of the reference's n-grams that the
 * hypothesis has; both are means over the orders of which either side has any: n-grams of 1 to 6 characters, without
 * white space, and with words those of 1 and 2 words, a punctuation mark at a word's end or beginning being a word of its
 * own. Case is kept. Characters are Unicode's code points. Of several references a segment is counted with the one it is
 * nearest to, the first of equals.
 *
 * @see Bleu
 */
public final class ChrF implements Metric {

    private static final int CHARACTERS = 6;
    private static final int WORDS = 2;
    private static final double FACTOR = 4;
    private static final int COUNTS_OF_ORDER = 3;
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private final int words;
    /** By order: n-grams of hypotheses, of references, and those that match. */
    private final double[] counts;

    private final ReferenceCount references = new ReferenceCount();

    /** An empty metric of characters alone, chrF2. */
    public ChrF() {
        this(0);
    }

    private ChrF(int words) {
        this.words = words;
        counts = new double[COUNTS_OF_ORDER * (CHARACTERS + words)];
    }

    /** Returns an empty metric of words too, chrF2++. */
    public static ChrF withWords() {
        return new ChrF(WORDS);
    }

    /**
     * Adds a segment.
     *
     * @param hypothesis what was generated
     * @param right what would have been right, at least one
     * @throws IllegalArgumentException if there is nothing that would have been
     */
    public void add(String hypothesis, List<String> right) {
        references.add(right.size());
        List<Map<String, Integer>> own = ngrams(hypothesis);
        double[] nearest = new double[0];
        double highest = -1;
        for (String reference : right) {
            double[] segment = counts(own, ngrams(reference));
            double score = score(segment);
            if (score > highest) {
                highest = score;
                nearest = segment;
            }
        }
        for (int i = 0; i < counts.length; i++) {
            counts[i] += nearest[i];
        }
    }

    private static double[] counts(List<Map<String, Integer>> hypothesis, List<Map<String, Integer>> reference) {
        double[] counts = new double[COUNTS_OF_ORDER * hypothesis.size()];
        for (int order = 0; order < hypothesis.size(); order++) {
            Map<String, Integer> expected = reference.get(order);
            int at = COUNTS_OF_ORDER * order;
            // an order that the reference is too short for counts for nothing
            counts[at] = expected.isEmpty() ? 0 : sum(hypothesis.get(order));
            counts[at + 1] = sum(expected);
            hypothesis
                    .get(order)
                    .forEach((ngram, times) -> counts[at + 2] += Math.min(times, expected.getOrDefault(ngram, 0)));
        }
        return counts;
    }

    private static int sum(Map<String, Integer> ngrams) {
        return ngrams.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How often each n-gram is there, by order. */
    private List<Map<String, Integer>> ngrams(String text) {
        List<String> pieces = WhiteSpace.words(text);
        List<String> characters = String.join("", pieces)
                .codePoints()
                .mapToObj(Character::toString)
                .toList();
        List<Map<String, Integer>> ngrams = new ArrayList<>();
        for (int n = 1; n <= CHARACTERS; n++) {
            ngrams.add(ngrams(characters, n, ""));
        }
        List<String> parts = words == 0
                ? List.of()
                : pieces.stream().flatMap(word -> parts(word).stream()).toList();
        for (int n = 1; n <= words; n++) {
            ngrams.add(ngrams(parts, n, " "));
        }
        return ngrams;
    }

    private static Map<String, Integer> ngrams(List<String> parts, int n, String between) {
        Map<String, Integer> times = new HashMap<>();
        for (int from = 0; from + n <= parts.size(); from++) {
            times.merge(String.join(between, parts.subList(from, from + n)), 1, Integer::sum);
        }
        return times;
    }

    /** A word without the mark behind it, or else the one before it, and the mark. */
    private static List<String> parts(String word) {
        int last = word.length() - 1;
        if (last == 0) {
            return List.of(word);
        } else if (PUNCTUATION.indexOf(word.charAt(last)) >= 0) {
            return List.of(word.substring(0, last), word.substring(last));
        } else if (PUNCTUATION.indexOf(word.charAt(0)) >= 0) {
            return List.of(word.substring(0, 1), word.substring(1));
        }
        return List.of(word);
    }

    private static double score(double[] counts) {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int at = 0; at < counts.length; at += COUNTS_OF_ORDER) {
            if (counts[at] > 0 && counts[at + 1] > 0) {
                precision += counts[at + 2] / counts[at];
                recall += counts[at + 2] / counts[at + 1];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        return 100 * (1 + FACTOR) * precision * recall / (FACTOR * precision + recall);
    }

    /** Returns how it was counted, in sacrebleu's words but for its version: to stand beside a figure that is told. */
    public String signature() {
        return references + "|case:mixed|eff:yes|nc:" + CHARACTERS + "|nw:" + words + "|space:no";
    }

    @Override
    public double value() {
        return references.isEmpty() ? Double.NaN : score(counts);
    }

    @Override
    public double[] state() {
        double[] state = Arrays.copyOf(counts, counts.length + ReferenceCount.LENGTH);
        references.write(state, counts.length);
        return state;
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, counts.length + ReferenceCount.LENGTH);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += state[i];
        }
        references.merge(state, counts.length);
    }
}
