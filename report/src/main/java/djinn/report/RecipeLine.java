package djinn.report;

import djinn.config.RecordKey;
import djinn.config.Yaml;
import djinn.config.Yaml.Entry;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import djinn.tasks.Recipes;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A key of a recipe.
 *
 * @param key its path
 * @param value as YAML
 * @param usual its value where it is left out; empty if it must be given, or nobody knows
 * @param mark whether it is as it would be if left out
 * @param meaning in words; may be empty
 */
record RecipeLine(String key, String value, String usual, Mark mark, String meaning) {

    private static final String NAME = "name";
    private static final String NONE = "none";

    /** How a key stands to its default. */
    enum Mark {
        /** As it would be if it were left out. */
        USUAL,
        /** Otherwise. */
        CHANGED,
        /** There is no default: it must be given. */
        GIVEN,
        /** The recipe is of another version, whose defaults nobody knows here. */
        UNKNOWN
    }

    /**
     * Returns the keys of a recipe.
     *
     * @param recipe every default spelled out
     * @param task whose defaults hold; empty if they are not known
     */
    static List<RecipeLine> of(Mapping recipe, Optional<String> task) {
        List<RecipeLine> lines = new ArrayList<>();
        new Reading(task.map(Defaults::of), lines).add("", recipe);
        return lines;
    }

    /** What holds where keys are left out. */
    private record Defaults(
            Map<String, RecordKey> keys,
            Map<String, Map<String, List<RecordKey>>> choices,
            Map<String, Node> usual,
            Map<String, Boolean> sections) {

        static Defaults of(String task) {
            Map<String, RecordKey> keys = new HashMap<>();
            Map<String, Node> usual = new HashMap<>();
            Map<String, Boolean> sections = new HashMap<>();
            for (RecordKey key : Recipes.keys(task)) {
                keys.put(key.path(), key);
                int dot = key.path().lastIndexOf('.');
                if (dot > 0) {
                    sections.put(key.path().substring(0, dot), true);
                }
                // a section's own default, which stands before its keys, goes before theirs
                key.usual().map(Defaults::parsed).ifPresent(node -> spread(key.path(), node, usual));
            }
            return new Defaults(keys, Recipes.choices(task), usual, sections);
        }

        private static void spread(String path, Node node, Map<String, Node> usual) {
            usual.putIfAbsent(path, node);
            if (node instanceof Mapping mapping) {
                mapping.entries().forEach((key, entry) -> spread(Yaml.join(path, key), entry.value(), usual));
            }
        }

        private static Node parsed(String yaml) {
            return Yaml.parse("a default", "value: " + yaml)
                    .root()
                    .entries()
                    .get("value")
                    .value();
        }

        /** The default of a variant's own name. */
        Optional<Node> usualName(String path) {
            Node node = usual.get(path);
            if (node instanceof Mapping mapping) {
                return Optional.ofNullable(mapping.entries().get(NAME)).map(Entry::value);
            }
            return Optional.ofNullable(node).filter(scalar -> !scalar.isNull());
        }
    }

    private record Reading(Optional<Defaults> defaults, List<RecipeLine> lines) {

        void add(String path, Mapping mapping) {
            mapping.entries().forEach((key, entry) -> {
                String own = Yaml.join(path, key);
                Node value = entry.value();
                if (defaults.isEmpty()) {
                    if (value instanceof Mapping inner) {
                        add(own, inner);
                    } else {
                        lines.add(new RecipeLine(own, text(value), "", Mark.UNKNOWN, ""));
                    }
                } else if (value instanceof Mapping inner && isVariant(own, inner)) {
                    variant(own, inner, defaults.get());
                } else if (value instanceof Mapping inner
                        && defaults.get().sections.containsKey(own)) {
                    add(own, inner);
                } else {
                    RecordKey known = defaults.get().keys.get(own);
                    Optional<Node> usual =
                            Optional.ofNullable(defaults.get().usual.get(own));
                    lines.add(line(own, value, usual, known));
                }
            });
        }

        private boolean isVariant(String path, Mapping mapping) {
            return defaults.get().choices.containsKey(path) && mapping.entries().containsKey(NAME);
        }

        private void variant(String path, Mapping mapping, Defaults known) {
            Node name = mapping.entries().get(NAME).value();
            Optional<Node> usualName = known.usualName(path);
            lines.add(line(Yaml.join(path, NAME), name, usualName, known.keys.get(path)));
            boolean sameName = usualName.filter(usual -> same(name, usual)).isPresent();
            Map<String, RecordKey> own = known.choices.get(path).getOrDefault(text(name), List.of()).stream()
                    .collect(Collectors.toMap(RecordKey::path, key -> key));
            mapping.entries().forEach((key, entry) -> {
                if (key.equals(NAME)) {
                    return;
                }
                RecordKey described = own.get(key);
                Optional<Node> usual =
                        Optional.ofNullable(described).flatMap(RecordKey::usual).map(Defaults::parsed);
                Node inSection = known.usual.get(Yaml.join(path, key));
                if (sameName && inSection != null) {
                    usual = Optional.of(inSection);
                }
                lines.add(line(Yaml.join(path, key), entry.value(), usual, described));
            });
        }

        private static RecipeLine line(String path, Node value, Optional<Node> usual, RecordKey known) {
            String meaning = known == null ? "" : known.meaning();
            if (usual.isPresent()) {
                Mark mark = same(value, usual.get()) ? Mark.USUAL : Mark.CHANGED;
                return new RecipeLine(path, text(value), text(usual.get()), mark, meaning);
            }
            boolean optional = known != null && !known.required();
            return optional
                    ? new RecipeLine(path, text(value), NONE, value.isNull() ? Mark.USUAL : Mark.CHANGED, meaning)
                    : new RecipeLine(path, text(value), "", Mark.GIVEN, meaning);
        }
    }

    /** Whether two values are the same: {@code 1e-3} is {@code 0.001}, and {@code cosine} is {@code {name: cosine}}. */
    static boolean same(Node one, Node other) {
        if (one instanceof Sequence list && other instanceof Sequence usual) {
            boolean same = list.items().size() == usual.items().size();
            for (int i = 0; same && i < list.items().size(); i++) {
                same = same(list.items().get(i), usual.items().get(i));
            }
            return same;
        } else if (one instanceof Mapping mapping && other instanceof Mapping usual) {
            return mapping.entries().keySet().equals(usual.entries().keySet())
                    && mapping.entries().entrySet().stream()
                            .allMatch(entry -> same(
                                    entry.getValue().value(),
                                    usual.entries().get(entry.getKey()).value()));
        } else if (one instanceof Mapping mapping && mapping.entries().size() == 1 && other instanceof Scalar) {
            Entry name = mapping.entries().get(NAME);
            return name != null && same(name.value(), other);
        } else if (one instanceof Scalar first && other instanceof Scalar second) {
            return first.text().equals(second.text()) || sameNumber(first.text(), second.text());
        }
        return false;
    }

    private static boolean sameNumber(String one, String other) {
        try {
            return new BigDecimal(one).compareTo(new BigDecimal(other)) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Returns a value in a line of YAML. */
    static String text(Node node) {
        if (node.isNull()) {
            return NONE;
        } else if (node instanceof Scalar scalar) {
            return scalar.text();
        } else if (node instanceof Sequence sequence) {
            return sequence.items().stream().map(RecipeLine::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return ((Mapping) node)
                .entries().entrySet().stream()
                        .map(entry ->
                                entry.getKey() + ": " + text(entry.getValue().value()))
                        .collect(Collectors.joining(", ", "{", "}"));
    }
}
