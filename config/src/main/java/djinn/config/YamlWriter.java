package djinn.config;

import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns trees into YAML that reads back as the same tree. */
final class YamlWriter {

    private static final int WIDEST_FLOW = 100;

    private YamlWriter() {}

    /** Returns a tree as block-style YAML; lists of scalars stay on one line where they fit. */
    static String write(Mapping mapping) {
        Optional<String> inline = inline(mapping);
        return inline.isPresent() ? inline.get() + "\n" : String.join("\n", lines(mapping)) + "\n";
    }

    private static List<String> lines(Node node) {
        List<String> lines = new ArrayList<>();
        if (node instanceof Mapping mapping) {
            mapping.entries().forEach((key, entry) -> {
                String start = quoted(Scalar.ofText(key)) + ":";
                Optional<String> inline = inline(entry.value());
                lines.add(inline.isPresent() ? start + " " + inline.get() : start);
                if (inline.isEmpty()) {
                    lines(entry.value()).forEach(line -> lines.add("  " + line));
                }
            });
        } else if (node instanceof Sequence sequence) {
            for (Node item : sequence.items()) {
                String start = "- ";
                for (String line : inline(item).map(List::of).orElseGet(() -> lines(item))) {
                    lines.add(start + line);
                    start = "  ";
                }
            }
        }
        return lines;
    }

    private static Optional<String> inline(Node node) {
        if (node instanceof Scalar scalar) {
            return Optional.of(quoted(scalar));
        }
        if (node instanceof Mapping mapping) {
            return mapping.entries().isEmpty() ? Optional.of("{}") : Optional.empty();
        }
        List<String> items = new ArrayList<>();
        for (Node item : ((Sequence) node).items()) {
            inline(item).ifPresent(items::add);
        }
        String flow = "[" + String.join(", ", items) + "]";
        boolean whole = items.size() == ((Sequence) node).items().size();
        return whole && flow.length() <= WIDEST_FLOW ? Optional.of(flow) : Optional.empty();
    }

    private static String quoted(Scalar scalar) {
        if (scalar.plain()) {
            return scalar.isNull() ? "null" : scalar.text();
        }
        StringBuilder quoted = new StringBuilder("\"");
        scalar.text().codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c == '\n' || c == '\t') {
                quoted.append(c == '\n' ? "\\n" : "\\t");
            } else if (c < ' ' || (c > '~' && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || odd(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04X", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean odd(int c) {
        return (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) || c == 0xFFFE || c == 0xFFFF;
    }
}
