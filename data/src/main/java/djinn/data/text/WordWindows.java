package djinn.data.text;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * Words of a text with their neighbours, and with others that are drawn, as word2vec sees them (Mikolov et al. 2013,
 * "Distributed Representations of Words and Phrases and their Compositionality", sections 2.2 and 2.3).
 *
 * <p>An epoch keeps some of the words: one that makes up the share f of the text stays with probability {@code sqrt(t / f)},
 * at most 1. Which stay is drawn as one walk in equal steps over the summed probabilities, so that all epochs have as many.
 * Each kept word stands once in the middle of a window that reaches over 1 to w kept words of its line to both sides, each
 * width equally likely. The candidates beside the true one are drawn by their counts to the power of 3/4.
 */
public final class WordWindows implements Feed<WordBatch> {

    /** Who tells whom. */
    public enum Form {
        /** The word in the middle tells each of those around it. */
        SKIP_GRAM,
        /** Those around, together, tell the one in the middle. */
        CBOW
    }

    /**
     * How windows are made.
     *
     * @param form who tells whom
     * @param window w, the most words to each side
     * @param negatives how many candidates are drawn beside a true one
     * @param subsample t: words that make up a larger share of the text are left out now and then
     */
    public record Settings(Form form, int window, int negatives, double subsample) {

        /** Checks the ranges. */
        public Settings {
            if (window < 1 || negatives < 1 || !(subsample > 0)) {
                throw new IllegalArgumentException(
                        "expected a window and negatives of at least 1 and a subsample above 0, got " + window + ", "
                                + negatives + " and " + subsample);
            }
        }
    }

    private static final double POWER = .75;
    private static final long HELD_OUT = -3;

    private final WordText text;
    private final Settings settings;
    private final OptionalLong seed;
    private final int batchSize;
    private final int workers;
    /** How likely a word stays, by its number. */
    private final double[] shares;
    /** The summed weights of candidates, by number. */
    private final double[] sums;
    /** The sum of all words' shares. */
    private final double whole;
    /** How many words stay. */
    private final int kept;

    /**
     * Windows of a text.
     *
     * @param text what is learnt from
     * @param counts how often each word of the vocabulary is there in the training text: what drawing goes by
     * @param settings how windows are made
     * @param seed the run's; empty of held-out text, all of whose epochs are the same, in the text's order
     * @param batchSize words in the middle in a batch; the last may hold fewer
     * @param workers threads that make batches
     * @throws IllegalArgumentException if batches or threads are below 1
     * @throws DataException if there are fewer than two different words
     */
    public WordWindows(
            WordText text, List<Integer> counts, Settings settings, OptionalLong seed, int batchSize, int workers) {
        if (batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected a batch size and workers of at least 1, got " + batchSize + " and " + workers);
        }
        long different = counts.stream().filter(count -> count > 0).count();
        if (different < 2) {
            throw new DataException("expected a text of at least two different words, found " + different);
        }
        this.text = text;
        this.settings = settings;
        this.seed = seed;
        this.batchSize = batchSize;
        this.workers = workers;
        double all = counts.stream().mapToDouble(Integer::doubleValue).sum();
        // one that the training text lacks is as rare as can be
        shares = counts.stream()
                .mapToDouble(count -> Math.min(1, Math.sqrt(settings.subsample * all / Math.max(1, count))))
                .toArray();
        sums = new double[counts.size()];
        double sum = 0;
        for (int word = 0; word < sums.length; word++) {
            sum += Math.pow(counts.get(word), POWER);
            sums[word] = sum;
        }
        double walked = 0;
        for (TokenSequence line : text.lines()) {
            for (int i = 0; i < line.size(); i++) {
                walked += shares[line.token(i)];
            }
        }
        whole = walked;
        kept = Math.max(1, (int) whole);
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(kept, batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, kept - index * batchSize);
    }

    @Override
    public Batches<WordBatch> batches(int epoch, int first) {
        long drawn = seed.isPresent() ? Randomness.mix(seed.getAsLong(), epoch) : HELD_OUT;
        Epoch words = epoch(drawn);
        return new Batches<>(
                batch -> make(batch, words, new SplittableRandom(Randomness.mix(drawn, batch, 0, 1))),
                first,
                Batches.count(words.order.length, batchSize),
                workers);
    }

    /** The words that stay, in the text's order, with their lines, and the order in which they stand in the middle. */
    private static final class Epoch {

        private final int[] words;
        private final int[] lines;
        private final int[] order;

        Epoch(int[] words, int[] lines, int[] order) {
            this.words = words;
            this.lines = lines;
            this.order = order;
        }
    }

    private Epoch epoch(long drawn) {
        SplittableRandom random = new SplittableRandom(drawn);
        int[] words = new int[kept];
        int[] lines = new int[kept];
        double step = whole / kept;
        double next = step * random.nextDouble();
        double walked = 0;
        int at = 0;
        for (int l = 0; l < text.lines().size(); l++) {
            TokenSequence line = text.lines().get(l);
            for (int i = 0; i < line.size(); i++) {
                walked += shares[line.token(i)];
                // a step is at least as long as the largest share
                if (walked > next && at < kept) {
                    words[at] = line.token(i);
                    lines[at++] = l;
                    next += step;
                }
            }
        }
        int[] order = new int[at];
        for (int i = 0; i < at; i++) {
            int other = seed.isPresent() ? random.nextInt(i + 1) : i;
            order[i] = order[other];
            order[other] = i;
        }
        return new Epoch(Arrays.copyOf(words, at), Arrays.copyOf(lines, at), order);
    }

    private WordBatch make(int batch, Epoch epoch, SplittableRandom random) {
        int from = batch * batchSize;
        int to = Math.min(epoch.order.length, from + batchSize);
        List<WordBatch.Row> rows = new ArrayList<>();
        for (int i = from; i < to; i++) {
            int middle = epoch.order[i];
            int reach = 1 + random.nextInt(settings.window);
            int first = middle;
            while (first > 0 && middle - first < reach && epoch.lines[first - 1] == epoch.lines[middle]) {
                first--;
            }
            int end = middle + 1;
            while (end < epoch.words.length && end - middle <= reach && epoch.lines[end] == epoch.lines[middle]) {
                end++;
            }
            int[] around = new int[end - first - 1];
            for (int at = first, next = 0; at < end; at++) {
                if (at != middle) {
                    around[next++] = epoch.words[at];
                }
            }
            if (around.length == 0) {
                continue;
            }
            int word = epoch.words[middle];
            switch (settings.form) {
                case SKIP_GRAM -> {
                    for (int other : around) {
                        rows.add(new WordBatch.Row(TokenSequence.of(word), candidates(other, random)));
                    }
                }
                case CBOW -> rows.add(new WordBatch.Row(new TokenSequence(around), candidates(word, random)));
            }
        }
        return new WordBatch(rows, to - from);
    }

    private TokenSequence candidates(int word, SplittableRandom random) {
        int[] candidates = new int[1 + settings.negatives];
        candidates[0] = word;
        for (int m = 1; m < candidates.length; m++) {
            do {
                candidates[m] = drawn(random);
            } while (candidates[m] == word);
        }
        return new TokenSequence(candidates);
    }

    private int drawn(SplittableRandom random) {
        double place = random.nextDouble() * sums[sums.length - 1];
        int found = Arrays.binarySearch(sums, place);
        // at the end of a word's stretch begins that of the next one that is there
        int word = found >= 0 ? found + 1 : -found - 1;
        while (sums[word] == place) {
            word++;
        }
        return word;
    }
}
