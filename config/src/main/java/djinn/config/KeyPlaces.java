package djinn.config;

import djinn.ops.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The paths of all keys that a record may have, those of its variants too, to find what stands in the wrong place. */
final class KeyPlaces {

    private static final String LIST = "a list of";

    private final List<String> paths;

    /** Those of a record; what is within a list has no path. */
    KeyPlaces(Class<? extends Record> root, RecordBinder binder) {
        List<String> lists = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (RecordKey key : RecordKey.of(root, binder)) {
            if (key.type().startsWith(LIST)) {
                lists.add(key.path() + ".");
            }
            all.add(key.path());
        }
        RecordKey.variants(root, binder).forEach((path, variant) -> {
            boolean isList = lists.contains(path + ".");
            binder.variants(variant)
                    .values()
                    .forEach(type -> RecordKey.of(type, binder).stream()
                            .filter(key -> !isList)
                            .forEach(key -> all.add(Yaml.join(path, key.path()))));
        });
        paths = all.stream()
                .filter(path -> lists.stream().noneMatch(path::startsWith))
                .distinct()
                .toList();
    }

    /** Asks whether a key of that name elsewhere was meant; its own place is none. */
    Optional<String> guess(String key, String own) {
        List<String> same = named(key, own);
        return same.isEmpty() ? Optional.empty() : Optional.of(Nearest.question(same));
    }

    /** Asks whether a key of much the same name elsewhere was meant. */
    Optional<String> guessMisspelt(String key, String own) {
        return Nearest.of(key, names().distinct().toList()).flatMap(name -> guess(name, own));
    }

    private Stream<String> names() {
        return paths.stream().map(KeyPlaces::last);
    }

    /** Those of a name that lie least deep. */
    private List<String> named(String key, String own) {
        List<String> all = paths.stream()
                .filter(path -> last(path).equals(key) && !path.equals(own))
                .toList();
        long least = all.stream().mapToLong(KeyPlaces::depth).min().orElse(0);
        return all.stream().filter(path -> depth(path) == least).toList();
    }

    private static long depth(String path) {
        return path.chars().filter(letter -> letter == '.').count();
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
