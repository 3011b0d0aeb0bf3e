package djinn.inference.text;

import djinn.data.text.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Looks for the best continuations of several sequences at once.
 *
 * <p>At each step the best continuations by one token are taken of all that is followed of a sequence. Those that end are
 * put aside if they are among as many best as there are beams; of the others as many as beams are followed. A sequence
 * leaves the batch when as many as beams have ended, or at the greatest length. Of equally likely ones the earlier comes
 * first.
 */
public final class BeamSearch {

    private final Decoding decoding;
    private final int end;
    private final Attention attention;
    private final List<Sentence> sentences;

    /** Tells what of its source each token of a continuation was made of. */
    public interface Attention {

        /**
         * Returns the shares.
         *
         * @param sequence which of those that are gone on with, from 0
         * @param continuation its tokens, without the end
         * @return the shares of the source's S tokens in each token of the continuation and in what follows the last, (L + 1,
         *     S) row by row
         */
        float[] shares(int sequence, TokenSequence continuation);
    }

    private BeamSearch(Decoding decoding, int end, Attention attention, int[] longest) {
        this.attention = attention;
        this.decoding = decoding;
        this.end = end;
        this.sentences = IntStream.range(0, longest.length)
                .mapToObj(n -> new Sentence(n, Math.min(longest[n], decoding.longest())))
                .toList();
    }

    /** The last token of what is followed, and those before it. */
    private record Path(Path before, int token, int length, double logProbability) {

        TokenSequence tokens() {
            int[] tokens = new int[length];
            Path at = this;
            for (int i = length - 1; i >= 0; i--) {
                tokens[i] = at.token;
                at = at.before;
            }
            return TokenSequence.of(tokens);
        }
    }

    /** A path, and the row of the continuation that it goes on from. */
    private record Candidate(Path path, int row) {}

    /** What is followed of one of the sequences, and what has ended. */
    private final class Sentence {

        private final int number;
        private final int longest;
        private List<Candidate> followed = List.of(new Candidate(new Path(null, -1, 0, 0), 0));
        private final List<Hypothesis> ended = new ArrayList<>();

        Sentence(int number, int longest) {
            this.number = number;
            this.longest = longest;
        }

        /** Goes on by a token, what it follows being the rows from the first on. */
        void advance(LikelyTokens likely, int first) {
            List<Candidate> candidates = new ArrayList<>();
            for (int i = 0; i < followed.size(); i++) {
                Path path = followed.get(i).path;
                for (int rank = 0; rank < likely.count(); rank++) {
                    double logProbability = path.logProbability + likely.logProbability(first + i, rank);
                    if (logProbability > Double.NEGATIVE_INFINITY) {
                        Path next = new Path(path, likely.token(first + i, rank), path.length + 1, logProbability);
                        candidates.add(new Candidate(next, first + i));
                    }
                }
            }
            candidates.sort(Comparator.comparingDouble(candidate -> -candidate.path.logProbability));
            List<Candidate> next = new ArrayList<>();
            for (int i = 0; i < candidates.size() && next.size() < decoding.beams(); i++) {
                Path path = candidates.get(i).path;
                if (path.token != end) {
                    next.add(candidates.get(i));
                } else if (i < decoding.beams()) {
                    ended.add(new Hypothesis(path.before.tokens(), path.logProbability, score(path), true));
                }
            }
            followed = next;
        }

        boolean isOver() {
            return followed.isEmpty() || ended.size() >= decoding.beams() || followed.get(0).path.length >= longest;
        }

        private double score(Path path) {
            return decoding.score(path.logProbability, path.length);
        }

        /** With what it has left out of its source. */
        private Hypothesis covered(Hypothesis one) {
            int tokens = one.tokens().size();
            float[] shares = attention.shares(number, one.tokens());
            double added = decoding.coverage(shares, one.ended() ? tokens + 1 : tokens, shares.length / (tokens + 1));
            return new Hypothesis(one.tokens(), one.logProbability(), one.score() + added, one.ended());
        }

        /** The best that ended; only where those are too few, of what did not. */
        List<Hypothesis> best() {
            List<Hypothesis> best = new ArrayList<>(ended);
            followed.stream()
                    .map(Candidate::path)
                    .map(path -> new Hypothesis(path.tokens(), path.logProbability, score(path), false))
                    .forEach(best::add);
            if (decoding.coveragePenalty() > 0) {
                best.replaceAll(this::covered);
            }
            best.sort(Comparator.comparing((Hypothesis one) -> !one.ended()).thenComparingDouble(one -> -one.score()));
            return List.copyOf(best.subList(0, Math.min(decoding.nBest(), best.size())));
        }
    }

    /**
     * Searches, without a coverage penalty.
     *
     * @param from what is gone on with; read on, and left to the caller to close
     * @param decoding how
     * @param end the token that ends a sequence
     * @return the best of each sequence, the best first; fewer than asked for where there are no more
     * @throws IllegalArgumentException if it has a coverage penalty
     * @throws djinn.ops.NotFiniteException if the model answers NaN
     */
    public static List<List<Hypothesis>> search(Continuation from, Decoding decoding, int end) {
        if (decoding.coveragePenalty() > 0) {
            throw new IllegalArgumentException("expected a coverage penalty of 0 of what goes on without a source, got "
                    + decoding.coveragePenalty());
        }
        int[] longest = new int[from.sequences()];
        Arrays.fill(longest, decoding.longest());
        return search(from, decoding, end, (sequence, continuation) -> new float[0], longest);
    }

    /**
     * Searches.
     *
     * @param from what is gone on with; read on, and left to the caller to close
     * @param decoding how
     * @param end the token that ends a sequence
     * @param attention what continuations attend to; asked where there is a coverage penalty
     * @param longest of each sequence, the most tokens that may follow, its end counted, at least 1; no more than the
     *     decoding's
     * @return the best of each sequence, the best first; fewer than asked for where there are no more
     * @throws djinn.ops.NotFiniteException if the model answers NaN
     */
    public static List<List<Hypothesis>> search(
            Continuation from, Decoding decoding, int end, Attention attention, int[] longest) {
        if (longest.length != from.sequences() || Arrays.stream(longest).anyMatch(most -> most < 1)) {
            throw new IllegalArgumentException("expected a length of at least 1 for each of " + from.sequences()
                    + " sequences, got " + Arrays.toString(longest));
        }
        BeamSearch search = new BeamSearch(decoding, end, attention, longest);
        search.run(from);
        return search.sentences.stream().map(Sentence::best).toList();
    }

    private void run(Continuation from) {
        List<Sentence> going = sentences;
        while (true) {
            // of each sequence, one at most ends
            LikelyTokens likely = from.likeliest(decoding.beams() + 1);
            int row = 0;
            for (Sentence sentence : going) {
                int first = row;
                row += sentence.followed.size();
                sentence.advance(likely, first);
            }
            going = going.stream().filter(sentence -> !sentence.isOver()).toList();
            if (going.isEmpty()) {
                return;
            }
            List<Candidate> next = going.stream()
                    .flatMap(sentence -> sentence.followed.stream())
                    .toList();
            from.keep(next.stream().mapToInt(Candidate::row).toArray());
            from.read(next.stream().mapToInt(candidate -> candidate.path.token).toArray());
        }
    }
}
