package djinn.training;

import java.util.Collection;
import java.util.stream.Collectors;

/** Patterns of parameter names: a star stands for any letters, dots included. */
final class NamePatterns {

    private NamePatterns() {}

    static boolean matches(String pattern, String name) {
        return name.matches("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
    }

    static boolean anyMatches(Collection<String> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, name));
    }

    /**
     * Checks that every pattern stands for something.
     *
     * @throws IllegalArgumentException if one matches no name
     */
    static void requireMatches(String key, Collection<String> patterns, Collection<String> names) {
        for (String pattern : patterns) {
            if (names.stream().noneMatch(name -> matches(pattern, name))) {
                throw new IllegalArgumentException(key + ": the pattern '" + pattern
                        + "' matches no parameter; their names begin "
                        + names.stream().limit(4).collect(Collectors.joining(", ")));
            }
        }
    }
}
