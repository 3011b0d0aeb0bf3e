package djinn.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU of a corpus (Papineni et al. 2002) as sacrebleu counts it (Post 2018), from 0 to 100: {@code 100 BP (p_1 p_2 p_3
 * p_4)^(1/4)}.
 *
 * <p>p_n is the share of the hypotheses' n-grams that a reference has too, each counted at most as often as in the
 * reference that has it most. The brevity penalty BP is {@code exp(1 - r / h)} if the hypotheses' h tokens are fewer
 * than r, else 1; r sums the lengths of the references closest in length, the shorter of equals. Smoothing is "exp":
 * the i-th order without any match counts as {@code 1 / (2^i total)}. The order is always 4: without a single 4-gram,
 * or any match at all, the score is 0.
 *
 * @see ChrF
 */
public final class Bleu implements Metric {

    private static final int ORDER = 4;
    private static final int MATCHES = 2;
    private static final int TOTALS = MATCHES + ORDER;
    private static final int COUNTS = TOTALS + ORDER;

    private final Tokenizer tokenizer;
    /** Tokens of hypotheses and of references, then matches and totals by order. */
    private final double[] counts = new double[COUNTS];

    private final ReferenceCount references = new ReferenceCount();

    /** How text becomes tokens; case is kept. */
    public enum Tokenizer {
        /** What white space separates: for text that is tokenized already. */
        NONE("none") {
            @Override
            String separated(String text) {
                return text;
            }
        },
        /** The one of NIST's mteval-v13a and of WMT: punctuation stands alone, but for that within numbers or words. */
        V13A("13a") {
            @Override
            String separated(String text) {
                String line = text.replace("<skipped>", "")
                        .replace("-\n", "")
                        .replace('\n', ' ')
                        .replace("&quot;", "\"")
                        .replace("&amp;", "&")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">");
                line = SYMBOL.matcher(" " + line + " ").replaceAll(" $0 ");
                line = POINT_AFTER_OTHER.matcher(line).replaceAll("$1 $2 ");
                line = POINT_BEFORE_OTHER.matcher(line).replaceAll(" $1 $2");
                return DASH_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 ");
            }
        };

        /** ASCII's symbols but for apostrophe, comma, dash and point. */
        private static final Pattern SYMBOL = Pattern.compile("[ -&(-+/:-@\\[-`{-~]");

        private static final Pattern POINT_AFTER_OTHER = Pattern.compile("([^0-9])([.,])");
        private static final Pattern POINT_BEFORE_OTHER = Pattern.compile("([.,])([^0-9])");
        private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

        private static final Pattern TRAILING =
                Pattern.compile(WhiteSpace.PATTERN + "\\z", Pattern.UNICODE_CHARACTER_CLASS);

        private final String name;

        Tokenizer(String name) {
            this.name = name;
        }

        abstract String separated(String text);

        /**
         * Splits a text.
         *
         * @param text one segment
         * @return its tokens, maybe none
         */
        public List<String> tokens(String text) {
            return WhiteSpace.words(separated(TRAILING.matcher(text).replaceFirst("")));
        }
    }

    /** An empty metric with the tokenizer of WMT. */
    public Bleu() {
        this(Tokenizer.V13A);
    }

    /**
     * An empty metric.
     *
     * @param tokenizer how text becomes tokens
     */
    public Bleu(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
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
        List<String> words = tokenizer.tokens(hypothesis);
        int closest = Integer.MAX_VALUE;
        Map<List<String>, Integer> allowed = new HashMap<>();
        for (String reference : right) {
            List<String> own = tokenizer.tokens(reference);
            ngrams(own).forEach((ngram, times) -> allowed.merge(ngram, times, Math::max));
            int gap = Math.abs(own.size() - words.size());
            int smallest = Math.abs(closest - words.size());
            if (gap < smallest || (gap == smallest && own.size() < closest)) {
                closest = own.size();
            }
        }
        counts[0] += words.size();
        counts[1] += closest;
        ngrams(words).forEach((ngram, times) -> {
            counts[MATCHES + ngram.size() - 1] += Math.min(times, allowed.getOrDefault(ngram, 0));
            counts[TOTALS + ngram.size() - 1] += times;
        });
    }

    private static Map<List<String>, Integer> ngrams(List<String> words) {
        Map<List<String>, Integer> times = new HashMap<>();
        for (int n = 1; n <= ORDER; n++) {
            for (int from = 0; from + n <= words.size(); from++) {
                times.merge(words.subList(from, from + n), 1, Integer::sum);
            }
        }
        return times;
    }

    /** Returns the factor below 1 for hypotheses shorter than their references. */
    public double brevityPenalty() {
        return counts[0] < counts[1] ? Math.exp(1 - counts[1] / counts[0]) : 1;
    }

    /** Returns how it was counted, in sacrebleu's words but for its version: to stand beside a figure that is told. */
    public String signature() {
        return references + "|case:mixed|eff:no|tok:" + tokenizer.name + "|smooth:exp";
    }

    @Override
    public double value() {
        if (references.isEmpty()) {
            return Double.NaN;
        }
        // a longer n-gram only matches where its words do
        if (counts[MATCHES] == 0) {
            return 0;
        }
        double log = 0;
        double smoothing = 1;
        for (int n = 0; n < ORDER; n++) {
            double matches = counts[MATCHES + n];
            double total = counts[TOTALS + n];
            if (total == 0) {
                return 0;
            }
            if (matches == 0) {
                smoothing /= 2;
                matches = smoothing;
            }
            log += Math.log(matches / total);
        }
        return 100 * brevityPenalty() * Math.exp(log / ORDER);
    }

    @Override
    public double[] state() {
        double[] state = Arrays.copyOf(counts, COUNTS + ReferenceCount.LENGTH);
        references.write(state, COUNTS);
        return state;
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, COUNTS + ReferenceCount.LENGTH);
        for (int i = 0; i < COUNTS; i++) {
            counts[i] += state[i];
        }
        references.merge(state, COUNTS);
    }
}
