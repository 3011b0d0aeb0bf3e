package djinn.training.recipe;

import djinn.config.Yaml;
import djinn.config.Yaml.Entry;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A key of a recipe that another recipe has otherwise.
 *
 * @param key its path, such as {@code train.epochs}
 * @param before its value as YAML, or {@code nothing}
 * @param after its value as YAML, or {@code nothing}
 */
public record Change(String key, String before, String after) {

    private static final String NOTHING = "nothing";
    private static final String NAME = "name";

    /**
     * What may change in the middle of a run: how long it is, where its files lie, what it is computed on, and what
     * decides nothing of what is computed.
     *
     * <p>Of the switches of a training {@code train.max_time} is such, for it says when to end alone, and {@code
     * train.keep}, if it comes or goes or keeps another number. Its figure is not: values of two figures have no order.
     * Neither are {@code train.val_every}, from which patience, plateaus and the best weights follow; the limits of
     * batches, of which steps and figures are; and {@code train.unfreeze}, which says what learns.
     */
    private static final Set<String> FREE = Set.of(
            "train.epochs",
            "train.max_time",
            "train.patience",
            "train.checkpoint_every",
            "train.device",
            "train.devices",
            "train.log_to",
            "train.keep",
            "train.keep.top",
            "data.root",
            "data.root_a",
            "data.root_b",
            "data.labels",
            "data.workers",
            "data.cache_mb",
            "data.on_error",
            "model.weights");

    /** Returns the keys that a run may go on with otherwise, in alphabetical order. */
    public static List<String> freeKeys() {
        return FREE.stream().sorted().toList();
    }

    /** Returns whether a run may go on so. */
    public boolean isFree() {
        return FREE.contains(key);
    }

    /**
     * Returns all keys that differ, in the order of the recipe.
     *
     * @param before a recipe as YAML, every default spelled out
     * @param after another
     */
    public static List<Change> between(String before, String after) {
        List<Change> changes = new ArrayList<>();
        compare("", tree(before), tree(after), changes);
        return List.copyOf(changes);
    }

    private static Mapping tree(String recipe) {
        return Yaml.parse("recipe", recipe).root();
    }

    private static void compare(String path, Mapping before, Mapping after, List<Change> changes) {
        Set<String> keys = new LinkedHashSet<>(before.entries().keySet());
        keys.addAll(after.entries().keySet());
        boolean renamed = !text(value(before, NAME)).equals(text(value(after, NAME)));
        for (String key : keys) {
            Node was = value(before, key);
            Node is = value(after, key);
            if (renamed && (was == null || is == null)) {
                // the keys of another optimizer, loss or schedule come and go with its name
                continue;
            }
            String inner = Yaml.join(path, key);
            if (was instanceof Mapping first && is instanceof Mapping second) {
                compare(inner, first, second, changes);
            } else if (!Objects.equals(text(was), text(is))) {
                changes.add(new Change(inner, text(was), text(is)));
            }
        }
    }

    private static Node value(Mapping mapping, String key) {
        Entry entry = mapping.entries().get(key);
        return entry == null ? null : entry.value();
    }

    private static String text(Node node) {
        if (node == null || node.isNull()) {
            return NOTHING;
        } else if (node instanceof Scalar scalar) {
            return scalar.text();
        } else if (node instanceof Sequence sequence) {
            return sequence.items().stream().map(Change::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return ((Mapping) node)
                .entries().entrySet().stream().map(Change::text).collect(Collectors.joining(", ", "{", "}"));
    }

    private static String text(Map.Entry<String, Entry> entry) {
        return entry.getKey() + ": " + text(entry.getValue().value());
    }
}
