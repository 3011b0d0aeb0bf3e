package djinn.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the name that a user most likely meant. */
public final class Nearest {

    private static final int FARTHEST = 3;

    /** Names in a question. */
    private static final int ASKED = 3;

    /** Letters of a word that others may be known by which contain it. */
    private static final int TELLING = 3;

    private Nearest() {}

    /**
     * Returns the candidate nearest to a word, if one is near enough to be a misspelling of it.
     *
     * <p>Distance is the number of letters inserted, left out, replaced or swapped with their neighbour, without regard
     * to case. It may be a third of the word's length, at least 1 and at most 3, and has to leave a letter in common.
     * Of equally near candidates the first wins.
     *
     * @param word what was typed
     * @param candidates what is known
     * @return the nearest, if one is near enough
     */
    public static Optional<String> of(String word, Collection<String> candidates) {
        return misspelt(word, candidates).stream().findFirst();
    }

    /** All that are as near as the nearest, in their order. */
    private static List<String> misspelt(String word, Collection<String> candidates) {
        int limit = Math.min(FARTHEST, Math.max(1, word.length() / 3));
        List<String> nearest = new ArrayList<>();
        for (String candidate : candidates) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance <= limit && distance < Math.max(word.length(), candidate.length())) {
                if (distance < limit) {
                    nearest.clear();
                }
                nearest.add(candidate);
                limit = distance;
            }
        }
        return nearest;
    }

    /** All that begin with a word, those of about its length first. */
    private static List<String> beginning(String word, Collection<String> candidates) {
        String lower = word.toLowerCase(Locale.ROOT);
        return candidates.stream()
                .filter(candidate -> word.length() >= TELLING
                        && candidate.toLowerCase(Locale.ROOT).startsWith(lower))
                .sorted(Comparator.comparingInt(String::length))
                .toList();
    }

    /** All that hold a word or are held by it, those of about its length first. */
    private static List<String> alike(String word, Collection<String> candidates) {
        String lower = word.toLowerCase(Locale.ROOT);
        return candidates.stream()
                .filter(candidate -> {
                    String other = candidate.toLowerCase(Locale.ROOT);
                    return Math.min(lower.length(), other.length()) >= TELLING
                            && (other.contains(lower) || lower.contains(other));
                })
                .sorted(Comparator.comparingInt(candidate -> Math.abs(candidate.length() - word.length())))
                .toList();
    }

    /**
     * Returns the end of a message about an unknown name.
     *
     * @param word what was typed
     * @param candidates what is known
     * @param introduction comes before the candidates if none is near
     * @return a question after the nearest candidates, those that are spelled or called much the same, or the
     *     introduction and as many as a line holds, as {@link Few} has them
     */
    public static String suggestion(String word, Collection<String> candidates, String introduction) {
        return suggestion(word, candidates, introduction, "");
    }

    /**
     * Returns the end of a message about an unknown name, of very many.
     *
     * @param word what was typed
     * @param candidates what is known
     * @param introduction comes before the candidates if none is near
     * @param lister says what lists them all, such as {@code 'djinn models' lists them}; comes last where not all that
     *     may be meant are told; empty for nothing
     * @return as {@link #suggestion(String, Collection, String)}
     */
    public static String suggestion(String word, Collection<String> candidates, String introduction, String lister) {
        return guess(word, candidates, lister)
                .orElseGet(() -> introduction
                        + Few.of(candidates)
                        + (lister.isEmpty() || !Few.areMany(candidates) ? "" : "; " + lister));
    }

    /**
     * Asks whether a name that is known was meant.
     *
     * @param word what was typed
     * @param candidates what is known
     * @param lister says what lists them all, for where more may be meant than are asked for; empty for nothing
     * @return a question after those that begin so, or else those that are misspelt so, or else those that hold the word
     *     or are held by it; empty if there are none
     */
    public static Optional<String> guess(String word, Collection<String> candidates, String lister) {
        List<String> meant = beginning(word, candidates);
        if (meant.isEmpty()) {
            meant = misspelt(word, candidates);
        }
        if (meant.isEmpty()) {
            meant = alike(word, candidates);
        }
        boolean isAll = meant.size() <= ASKED;
        return meant.isEmpty()
                ? Optional.empty()
                : Optional.of(question(meant) + (isAll || lister.isEmpty() ? "" : "; " + lister));
    }

    /**
     * Returns a question after what is meant.
     *
     * @param names at least one; of more than a few the first
     * @return {@code did you mean 'a'?} or {@code did you mean 'a', 'b' or 'c'?}
     */
    public static String question(List<String> names) {
        List<String> quoted =
                names.stream().limit(ASKED).map(name -> "'" + name + "'").toList();
        int last = quoted.size() - 1;
        return "did you mean "
                + (last == 0 ? "" : String.join(", ", quoted.subList(0, last)) + " or ")
                + quoted.get(last) + "?";
    }

    /**
     * Returns the end of a message about a file or folder that is not there.
     *
     * @param path what was asked for
     * @return a question after the nearest name in the same folder; empty if none is near enough
     */
    public static String suggestion(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || path.getFileName() == null || !Files.isDirectory(parent)) {
            return "";
        }
        try (Stream<Path> siblings = Files.list(parent)) {
            List<String> names = siblings.map(sibling -> sibling.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
            return of(path.getFileName().toString(), names)
                    .map(name -> ", did you mean '" + name + "'?")
                    .orElse("");
        } catch (IOException e) {
            // without a suggestion
            return "";
        }
    }

    private static int distance(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                boolean same = from.charAt(i - 1) == to.charAt(j - 1);
                int fewest = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
                fewest = Math.min(fewest, edits[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    fewest = Math.min(fewest, edits[i - 2][j - 2] + 1);
                }
                edits[i][j] = fewest;
            }
        }
        return edits[from.length()][to.length()];
    }
}
