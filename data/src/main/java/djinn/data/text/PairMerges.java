package djinn.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Byte-pair encoding (Sennrich et al. 2016, section 3.2): the pair of tokens that stands side by side most often becomes a
 * token, again and again. Of pairs that are as frequent the one of lower numbers comes first.
 */
final class PairMerges {

    /** A pair by its numbers, as often as it was met when it was put down. */
    private record Candidate(long count, int left, int right) {

        static final Comparator<Candidate> ORDER = Comparator.comparingLong(Candidate::count)
                .reversed()
                .thenComparingInt(Candidate::left)
                .thenComparingInt(Candidate::right);

        Pair pair() {
            return new Pair(left, right);
        }
    }

    private record Pair(int left, int right) {}

    /** A piece as its tokens, and how often it is there. */
    private static final class Piece {

        private final long count;
        private int[] tokens;

        Piece(int[] tokens, long count) {
            this.tokens = tokens;
            this.count = count;
        }
    }

    /** Two tokens that are one from here on. */
    record Merge(String left, String right) {}

    private final Map<String, Integer> vocabulary;
    private final List<String> tokens;
    private final String inside;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Pair, Long> counts = new HashMap<>();
    private final Map<Pair, Set<Piece>> places = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.ORDER);
    private final List<Merge> merges = new ArrayList<>();

    /**
     * Starts from single characters.
     *
     * @param known the tokens there are, such as special ones and the alphabet
     * @param inside what stands before tokens that begin inside of a piece; empty for nothing
     */
    PairMerges(List<String> known, String inside) {
        tokens = new ArrayList<>(known);
        vocabulary = new LinkedHashMap<>();
        known.forEach(token -> vocabulary.put(token, vocabulary.size()));
        this.inside = inside;
    }

    /** Adds a piece as its first tokens, all of them known. */
    void add(List<String> first, long count) {
        Piece piece = new Piece(first.stream().mapToInt(vocabulary::get).toArray(), count);
        pieces.add(piece);
    }

    /**
     * Merges until there are as many tokens, or no pair is frequent enough.
     *
     * @param size of the vocabulary
     * @param leastCount of a pair
     */
    void merge(int size, long leastCount) {
        pieces.forEach(piece -> count(piece, 1, new LinkedHashSet<>()));
        counts.forEach((pair, count) -> queue.add(new Candidate(count, pair.left, pair.right)));
        while (tokens.size() < size && !queue.isEmpty()) {
            Candidate best = queue.poll();
            Pair pair = best.pair();
            long now = counts.getOrDefault(pair, 0L);
            if (now != best.count) {
                // it was put down again with every change
                continue;
            }
            if (now < leastCount) {
                return;
            }
            merge(pair);
        }
    }

    private void merge(Pair pair) {
        String left = tokens.get(pair.left);
        String right = tokens.get(pair.right);
        merges.add(new Merge(left, right));
        String joined = left + (right.startsWith(inside) ? right.substring(inside.length()) : right);
        int token = vocabulary.computeIfAbsent(joined, added -> {
            tokens.add(added);
            return tokens.size() - 1;
        });
        Set<Pair> changed = new LinkedHashSet<>();
        for (Piece piece : places.remove(pair)) {
            count(piece, -1, changed);
            piece.tokens = joined(piece.tokens, pair, token);
            count(piece, 1, changed);
        }
        counts.remove(pair);
        changed.remove(pair);
        for (Pair other : changed) {
            long count = counts.getOrDefault(other, 0L);
            if (count > 0) {
                queue.add(new Candidate(count, other.left, other.right));
            }
        }
    }

    private static int[] joined(int[] tokens, Pair pair, int token) {
        int[] joined = new int[tokens.length];
        int length = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean isPair = i + 1 < tokens.length && tokens[i] == pair.left && tokens[i + 1] == pair.right;
            joined[length++] = isPair ? token : tokens[i];
            i += isPair ? 1 : 0;
        }
        return java.util.Arrays.copyOf(joined, length);
    }

    private void count(Piece piece, int sign, Set<Pair> changed) {
        for (int i = 0; i + 1 < piece.tokens.length; i++) {
            Pair pair = new Pair(piece.tokens[i], piece.tokens[i + 1]);
            counts.merge(pair, sign * piece.count, Long::sum);
            changed.add(pair);
            if (sign > 0) {
                places.computeIfAbsent(pair, added -> new LinkedHashSet<>()).add(piece);
            }
        }
    }

    /** All tokens, each at its number. */
    List<String> tokens() {
        return tokens;
    }

    /** In the order in which they are to be done. */
    List<Merge> merges() {
        return merges;
    }
}
