package djinn.config;

import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.ops.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML text as an immutable tree whose nodes know where they came from, and a tree as YAML text.
 *
 * <p>Scalars stay text: their type is up to whoever reads them, so {@code 1e-3} and {@code .1} are no special cases.
 * Anchors, aliases, merge keys and tags are refused, so is a second document.
 */
public final class Yaml {

    private static final int DEEPEST = 64;
    private static final int LONGEST_QUOTE = 60;
    private static final Pattern NULL = Pattern.compile("|~|null|Null|NULL");
    private static final Pattern NUMBER_OR_BOOLEAN =
            Pattern.compile("[-+]?\\.?[0-9].*|[-+]?\\.(?i:inf|nan)|(?i:true|false)");
    private static final Pattern PLAIN =
            Pattern.compile("([A-Za-z_/]|\\.{1,2}/)([A-Za-z0-9_./ +@%=-]*[A-Za-z0-9_./-])?");
    private static final Pattern KEYWORD = Pattern.compile("(?i)null|true|false|yes|no|on|off");

    private Yaml() {}

    /** A part of a document. */
    public sealed interface Node permits Scalar, Sequence, Mapping {

        /** Returns where the part came from: {@code FILE:LINE:COLUMN}, both from 1, or {@code --set KEY.PATH=VALUE}. */
        String at();

        /** Returns whether this is YAML's null: {@code null}, {@code ~} or no text at all. */
        default boolean isNull() {
            return false;
        }

        /** Returns what this is, for messages. */
        default String got() {
            return this instanceof Sequence ? "a list" : "a mapping";
        }
    }

    /**
     * A single value.
     *
     * @param at where it came from
     * @param text its text, without quotes
     * @param plain whether it was written without quotes
     */
    public record Scalar(String at, String text, boolean plain) implements Node {

        @Override
        public boolean isNull() {
            return plain && NULL.matcher(text).matches();
        }

        @Override
        public String got() {
            String shown = text.codePointCount(0, text.length()) <= LONGEST_QUOTE
                    ? text
                    : text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE)) + "...";
            return isNull() ? "nothing" : plain ? "'" + shown + "'" : "the quoted text '" + shown + "'";
        }

        static Scalar ofText(String text) {
            return new Scalar(
                    "",
                    text,
                    PLAIN.matcher(text).matches() && !KEYWORD.matcher(text).matches());
        }
    }

    /**
     * A list.
     *
     * @param at where it came from
     * @param items its items
     */
    public record Sequence(String at, List<Node> items) implements Node {

        /** Copies the items. */
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /**
     * A mapping, in the order of the text.
     *
     * @param at where it came from
     * @param entries its values by their keys
     */
    public record Mapping(String at, Map<String, Entry> entries) implements Node {

        /** Copies the entries. */
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }

    /**
     * A value of a mapping.
     *
     * @param at where its key came from
     * @param value the value
     */
    public record Entry(String at, Node value) {}

    /**
     * A whole document.
     *
     * @param label the name of the file, for messages
     * @param root the mapping at the root; empty for an empty text
     */
    public record Document(String label, Mapping root) {

        /**
         * Returns this document with one value replaced or added.
         *
         * <p>The value is YAML. Mappings that are missing on the way are made, list items are chosen by their index
         * from 0, and a plain name on the way becomes a mapping with that {@code name}: {@code schedule.min_lr=0.1}
         * turns {@code schedule: cosine} into {@code schedule: {name: cosine, min_lr: 0.1}}.
         *
         * @param override {@code KEY.PATH=VALUE}
         * @throws RecipeException if the override is not of that form, its value is not YAML, or its path leads through
         *     a number, a boolean or an index that a list lacks
         */
        public Document with(String override) {
            String at = "--set " + override;
            int equals = override.indexOf('=');
            String path = override.substring(0, Math.max(0, equals)).strip();
            List<String> keys = List.of(path.split("\\.", -1));
            if (equals < 0 || keys.stream().anyMatch(String::isBlank)) {
                String form = "expected KEY.PATH=VALUE, such as optimizer.lr=0.1";
                throw new RecipeException(at, "", form + (equals < 0 ? ", got no '='" : ", got an empty key"));
            }
            Node value = new Composition(at, false).compose(override.substring(equals + 1), path);
            return new Document(label, (Mapping) set(root, keys, 0, value));
        }

        private static Node set(Node node, List<String> keys, int depth, Node value) {
            if (depth == keys.size()) {
                return value;
            }
            String path = String.join(".", keys.subList(0, depth));
            String key = keys.get(depth);
            if (node instanceof Sequence sequence) {
                int size = sequence.items().size();
                int index = key.matches("[0-9]{1,9}") ? Integer.parseInt(key) : size;
                if (index >= size) {
                    String range = size == 0 ? "the list is empty" : "expected an index from 0 to " + (size - 1);
                    throw new RecipeException(value.at(), path, range + ", got '" + key + "'");
                }
                List<Node> items = new ArrayList<>(sequence.items());
                items.set(index, set(items.get(index), keys, depth + 1, value));
                return new Sequence(sequence.at(), items);
            }
            Mapping mapping = node instanceof Mapping found ? found : expanded((Scalar) node, path, value.at());
            Map<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
            Entry old = entries.getOrDefault(key, new Entry(value.at(), new Scalar(value.at(), "", true)));
            boolean last = depth == keys.size() - 1;
            entries.put(key, new Entry(last ? value.at() : old.at(), set(old.value(), keys, depth + 1, value)));
            return new Mapping(mapping.at(), entries);
        }

        private static Mapping expanded(Scalar scalar, String path, String at) {
            if (scalar.isNull()) {
                return new Mapping(at, Map.of());
            }
            if (scalar.plain() && NUMBER_OR_BOOLEAN.matcher(scalar.text()).matches()) {
                throw new RecipeException(
                        at, path, "expected a mapping, a list or a name, got " + scalar.got() + ", shorten the path");
            }
            return new Mapping(at, Map.of("name", new Entry(scalar.at(), scalar)));
        }
    }

    /**
     * Parses a document.
     *
     * @param label the name of the file, for messages
     * @throws RecipeException if the text is not YAML, repeats a key, uses what this class refuses, or has something
     *     other than a mapping at its root
     */
    public static Document parse(String label, String text) {
        Node root = new Composition(label, true).compose(text, "");
        if (root instanceof Mapping mapping) {
            return new Document(label, mapping);
        }
        if (root.isNull()) {
            return new Document(label, new Mapping(root.at(), Map.of()));
        }
        throw new RecipeException(
                root.at(), "", "expected a mapping at the root, got " + root.got() + ", write 'key: value'");
    }

    /**
     * Reads and parses a file of UTF-8 text.
     *
     * @throws DataException if the file is missing or cannot be read
     * @throws RecipeException if {@link #parse} refuses its text
     */
    public static Document read(Path path) {
        String text;
        try {
            text = TextFile.decode(Files.readAllBytes(path), path.toString());
        } catch (NoSuchFileException e) {
            String fix =
                    sibling(path).map(name -> "did you mean '" + name + "'?").orElse("check the path");
            throw new DataException(path + ": no such file, " + fix, e);
        } catch (IOException e) {
            String reason = Files.isDirectory(path) ? "expected a file, got a directory" : "cannot be read: " + e;
            throw new DataException(path + ": " + reason, e);
        }
        return parse(path.toString(), text);
    }

    /** Returns the file name without extension nearest to a missing one, as it stands in the directory. */
    private static Optional<String> sibling(Path missing) {
        Map<String, String> names = new TreeMap<>();
        Path directory = missing.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .forEach(name -> names.putIfAbsent(stem(name), name));
        } catch (IOException e) {
            return Optional.empty(); // the missing file is reported in any case
        }
        return Nearest.of(stem(missing.getFileName().toString()), names.keySet())
                .map(names::get);
    }

    private static String stem(String name) {
        return name.replaceFirst("(?<=.)\\.[^.]*$", "");
    }

    /**
     * Parses a value of any kind.
     *
     * @param at where it came from, which becomes the position of every part of it
     * @throws RecipeException as for {@link #parse}
     */
    static Node value(String at, String path, String text) {
        return new Composition(at, false).compose(text, path);
    }

    /** Returns the path of a key below another. */
    public static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Returns a tree as block-style YAML; lists of scalars stay on one line where they fit. */
    public static String write(Mapping mapping) {
        return YamlWriter.write(mapping);
    }

    /** One run of the parser over one text. */
    private static final class Composition {

        private final String label;
        private final boolean marked;
        private Iterator<Event> events = Collections.emptyIterator();

        Composition(String label, boolean marked) {
            this.label = label;
            this.marked = marked;
        }

        Node compose(String text, String path) {
            LoadSettings settings = LoadSettings.builder().setLabel(label).build();
            try {
                events = new Parse(settings).parseString(text).iterator();
                events.next(); // the start of the stream
                Event event = events.next();
                if (event.getEventId() == Event.ID.StreamEnd) {
                    return new Scalar(marked ? label + ":1:1" : label, "", true);
                }
                Node root = node(events.next(), path, 0);
                events.next(); // the end of the document
                Event end = events.next();
                if (end.getEventId() != Event.ID.StreamEnd) {
                    throw new RecipeException(at(end), path, "expected one document, got a second, remove it");
                }
                return root;
            } catch (MarkedYamlEngineException e) {
                String context = e.getContext() == null ? "" : e.getContext() + ", ";
                String fix = context.contains("alias") ? ", put what begins with a star in quotes" : "";
                String at = at(e.getProblemMark().or(e::getContextMark));
                throw new RecipeException(at, path, "not valid YAML: " + context + e.getProblem() + fix, e);
            } catch (ReaderException e) {
                String before = text.substring(0, text.offsetByCodePoints(0, e.getPosition()));
                int line = (int) before.lines().count() + (before.isEmpty() || before.endsWith("\n") ? 1 : 0);
                int start = before.lastIndexOf('\n') + 1;
                int column = before.codePointCount(start, before.length()) + 1;
                String at = marked ? label + ":" + line + ":" + column : label;
                String character = String.format(Locale.ROOT, "U+%04X", e.getCodePoint());
                throw new RecipeException(at, path, "expected text, got the character " + character + ", remove it", e);
            } catch (YamlEngineException e) {
                throw new RecipeException(label, path, "not valid YAML: " + e.getMessage(), e);
            }
        }

        private Node node(Event event, String path, int depth) {
            String at = at(event);
            refuse(event, path);
            if (depth > DEEPEST) {
                throw new RecipeException(at, "", "expected at most " + DEEPEST + " levels, got more");
            }
            if (event instanceof ScalarEvent scalar) {
                return new Scalar(at, scalar.getValue(), scalar.isPlain());
            }
            if (event instanceof SequenceStartEvent) {
                List<Node> items = new ArrayList<>();
                for (Event next = events.next(); next.getEventId() != Event.ID.SequenceEnd; next = events.next()) {
                    items.add(node(next, join(path, Integer.toString(items.size())), depth + 1));
                }
                return new Sequence(at, items);
            }
            Map<String, Entry> entries = new LinkedHashMap<>();
            for (Event next = events.next(); next.getEventId() != Event.ID.MappingEnd; next = events.next()) {
                refuse(next, path);
                String key = key(next, path);
                Entry first = entries.get(key);
                if (first != null) {
                    String where = marked ? ", it is already at " + first.at() : "";
                    throw new RecipeException(
                            at(next), join(path, key), "duplicate key '" + key + "'" + where + ", remove one");
                }
                entries.put(key, new Entry(at(next), node(events.next(), join(path, key), depth + 1)));
            }
            return new Mapping(at, entries);
        }

        private String key(Event event, String path) {
            if (event instanceof ScalarEvent scalar) {
                if (scalar.isPlain() && scalar.getValue().equals("<<")) {
                    throw new RecipeException(at(event), path, "merge keys are not supported, write the keys out");
                }
                if (!scalar.isPlain() || !scalar.getValue().isEmpty()) {
                    return scalar.getValue();
                }
            }
            String got = event instanceof ScalarEvent ? "nothing" : "a list or a mapping";
            throw new RecipeException(at(event), path, "expected a name as key, got " + got + ", write 'key: value'");
        }

        private void refuse(Event event, String path) {
            String refused = null;
            if (event instanceof AliasEvent) {
                refused = "aliases";
            } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                refused = "anchors";
            } else if ((event instanceof ScalarEvent scalar && scalar.getTag().isPresent())
                    || (event instanceof CollectionStartEvent start
                            && start.getTag().isPresent())) {
                refused = "tags";
            }
            if (refused != null) {
                throw new RecipeException(at(event), path, refused + " are not supported, write the value out");
            }
        }

        private String at(Event event) {
            return at(event.getStartMark());
        }

        private String at(Optional<Mark> mark) {
            return marked
                    ? mark.map(m -> label + ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                            .orElse(label)
                    : label;
        }
    }
}
