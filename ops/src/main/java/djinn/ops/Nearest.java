package djinn.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the name that a user most likely meant. */
public final class Nearest {

    private static final int FARTHEST = 3;

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
        int limit = Math.min(FARTHEST, Math.max(1, word.length() / 3));
        Optional<String> nearest = Optional.empty();
        for (String candidate : candidates) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance <= limit && distance < Math.max(word.length(), candidate.length())) {
                nearest = Optional.of(candidate);
                limit = distance - 1;
            }
        }
        return nearest;
    }

    /**
     * Returns the end of a message about an unknown name.
     *
     * @param word what was typed
     * @param candidates what is known
     * @param introduction comes before the candidates if none is near
     * @return a question after the nearest candidate, or the introduction and all of them
     */
    public static String suggestion(String word, Collection<String> candidates, String introduction) {
        return of(word, candidates)
                .map(name -> "did you mean '" + name + "'?")
                .orElseGet(() -> introduction + String.join(", ", candidates));
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
