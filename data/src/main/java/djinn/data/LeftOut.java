package djinn.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What lies beside the images that are used.
 *
 * @param items each of them, in the order in which they were met
 */
public record LeftOut(List<Item> items) {

    /** Nothing is. */
    static final LeftOut NOTHING = new LeftOut(List.of());

    private static final int KINDS_NAMED = 6;

    /**
     * One file or folder.
     *
     * @param kind what it is, in the singular: {@code .txt file}
     * @param name its path
     */
    public record Item(String kind, String name) {}

    /** Copies the list. */
    public LeftOut {
        items = List.copyOf(items);
    }

    /** Returns whether everything is used. */
    public boolean isEmpty() {
        return items.isEmpty();
    }

    LeftOut and(LeftOut others) {
        List<Item> all = new ArrayList<>(items);
        all.addAll(others.items);
        return new LeftOut(all);
    }

    /** Tells how many there are of each kind, the most frequent first, with an example: {@code 3 .txt files (such as a/b.txt)}. */
    @Override
    public String toString() {
        Map<String, List<Item>> kinds =
                items.stream().collect(Collectors.groupingBy(Item::kind, LinkedHashMap::new, Collectors.toList()));
        List<List<Item>> byNumber = kinds.values().stream()
                .sorted(Comparator.comparingInt((List<Item> kind) -> kind.size())
                        .reversed())
                .toList();
        String text = byNumber.stream().limit(KINDS_NAMED).map(LeftOut::text).collect(Collectors.joining(", "));
        int others = byNumber.stream().skip(KINDS_NAMED).mapToInt(List::size).sum();
        return others == 0 ? text : text + ", and " + others + " of other kinds";
    }

    private static String text(List<Item> kind) {
        Item first = kind.get(0);
        return kind.size() == 1
                ? "1 " + first.kind + " (" + first.name + ")"
                : kind.size() + " " + first.kind + "s (such as " + first.name + ")";
    }
}
