package djinn.config;

import djinn.config.Yaml.Entry;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import djinn.ops.Default;
import djinn.ops.Few;
import djinn.ops.Nearest;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Turns documents into records and records into YAML.
 *
 * <p>A component's key is its name in snake_case. Components are whole numbers ({@code int}, {@code long}), numbers
 * ({@code double}), booleans, text, durations as {@link DurationText} has them, enums in lower case, records, variants,
 * and lists, optionals and maps by text of these. A key may be left out where the component has a {@link Default} or is optional. A variant is an interface
 * whose records are told apart by the key {@code name}; a mere name stands for a mapping with nothing else, and a list,
 * where the binder is told so, for the variant that is made of one.
 */
public final class RecordBinder {

    private static final String NAME = "name";
    private static final Scalar NOTHING = new Scalar("", "null", true);
    private static final String NUMBER = "[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?";
    private static final String WHOLE = "a whole number";
    private static final String REAL = "a number";
    private static final String TRUTH = "true or false";
    private static final String TEXT = "text";
    private static final String LIST = "a list";
    private static final String MAPPING = "a mapping";
    private static final Map<Class<?>, String> EXPECTED = Map.ofEntries(
            Map.entry(int.class, WHOLE),
            Map.entry(Integer.class, WHOLE),
            Map.entry(OptionalInt.class, WHOLE),
            Map.entry(long.class, WHOLE),
            Map.entry(Long.class, WHOLE),
            Map.entry(OptionalLong.class, WHOLE),
            Map.entry(double.class, REAL),
            Map.entry(Double.class, REAL),
            Map.entry(OptionalDouble.class, REAL),
            Map.entry(boolean.class, TRUTH),
            Map.entry(Boolean.class, TRUTH),
            Map.entry(String.class, TEXT),
            Map.entry(Duration.class, DurationText.EXPECTED),
            Map.entry(List.class, LIST),
            Map.entry(Map.class, MAPPING));
    private static final Map<Class<?>, Object> EMPTY = Map.of(
            Optional.class, Optional.empty(),
            OptionalInt.class, OptionalInt.empty(),
            OptionalLong.class, OptionalLong.empty(),
            OptionalDouble.class, OptionalDouble.empty());

    private final Map<Class<?>, Map<String, Class<? extends Record>>> variants;
    private final Map<Class<?>, String> lists;

    /** Says what lists all keys; empty for nothing. */
    private final String lister;

    /** What is bound, in which keys that are in the wrong place are looked for. */
    private final Optional<Class<? extends Record>> root;

    /**
     * Creates a binder that knows no lists in place of variants.
     *
     * @param variants the records of each variant by their names
     * @throws IllegalArgumentException if a record is not of its variant or has itself a component {@code name}
     */
    public RecordBinder(Map<Class<?>, Map<String, Class<? extends Record>>> variants) {
        this(variants, Map.of());
    }

    /**
     * Creates a binder.
     *
     * @param variants the records of each variant by their names
     * @param lists the name of the record, of one component, that a list stands for in place of a variant
     * @throws IllegalArgumentException if a record is not of its variant or has itself a component {@code name}
     */
    public RecordBinder(Map<Class<?>, Map<String, Class<? extends Record>>> variants, Map<Class<?>, String> lists) {
        this.lists = Map.copyOf(lists);
        this.lister = "";
        this.root = Optional.empty();
        Map<Class<?>, Map<String, Class<? extends Record>>> copy = new LinkedHashMap<>();
        variants.forEach((variant, table) -> {
            table.values().forEach(type -> {
                if (!variant.isAssignableFrom(type) || components(type).containsKey(NAME)) {
                    throw new IllegalArgumentException(type + " cannot be a variant of " + variant);
                }
            });
            copy.put(variant, Collections.unmodifiableMap(new LinkedHashMap<>(table)));
        });
        this.variants = Collections.unmodifiableMap(copy);
    }

    private RecordBinder(RecordBinder other, String lister, Optional<Class<? extends Record>> root) {
        this.variants = other.variants;
        this.lists = other.lists;
        this.lister = lister;
        this.root = root;
    }

    /**
     * Returns the same binder, which says what lists all keys where one of many is unknown.
     *
     * @param command such as {@code 'djinn recipes --keys classification' lists them}
     */
    public RecordBinder listedBy(String command) {
        return new RecordBinder(this, command, root);
    }

    /**
     * Returns the record that a document describes.
     *
     * @throws RecipeException if a key is unknown or missing, a value is of the wrong type, or a record's constructor
     *     refuses its values with an {@link IllegalArgumentException}
     */
    public <T extends Record> T bind(Yaml.Document document, Class<T> type) {
        return type.cast(new RecordBinder(this, lister, Optional.of(type)).record(document.root(), type, "", false));
    }

    /**
     * Returns which record a document is of: one of its keys says so.
     *
     * @param document the document
     * @param key a key of its root
     * @param usual what is meant where the key is left out
     * @param table the records by what the key may say
     * @param hint how more come into the table, the end of the message where the key says something else
     * @return the record's type
     * @throws RecipeException if the key says something else, with its place and the nearest of what it may say
     */
    public static Class<? extends Record> choose(
            Yaml.Document document, String key, String usual, Map<String, Class<? extends Record>> table, String hint) {
        Entry entry = document.root().entries().get(key);
        if (entry == null) {
            return table.get(usual);
        }
        if (entry.value() instanceof Scalar scalar && !scalar.isNull()) {
            Class<? extends Record> chosen = table.get(scalar.text());
            if (chosen == null) {
                String fix = Nearest.suggestion(scalar.text(), table.keySet(), "expected one of ");
                throw new RecipeException(scalar.at(), key, "unknown " + key + " " + scalar.got() + ", " + fix + hint);
            }
            return chosen;
        }
        throw new RecipeException(
                entry.value().at(),
                key,
                "expected one of " + Few.of(table.keySet()) + ", got "
                        + entry.value().got());
    }

    /** Returns the records that may stand where a variant is expected, by their names; empty for what is no variant. */
    public Map<String, Class<? extends Record>> variants(Class<?> type) {
        return variants.getOrDefault(type, Map.of());
    }

    /**
     * Returns a record as YAML that binds to an equal record.
     *
     * @throws IllegalArgumentException if the record holds what YAML cannot: a number that is not finite, or a variant
     *     without a name
     */
    public String write(Record record) {
        return Yaml.write(mapping(record, Map.of()));
    }

    /**
     * Returns the keys of a record, in its order.
     *
     * @return for each key its default as YAML text; empty if there is none
     */
    public static Map<String, Optional<String>> keys(Class<? extends Record> type) {
        Map<String, Optional<String>> keys = new LinkedHashMap<>();
        components(type)
                .forEach((key, component) -> keys.put(
                        key,
                        Optional.ofNullable(component.getAnnotation(Default.class))
                                .map(Default::value)));
        return Collections.unmodifiableMap(keys);
    }

    private Object value(Node node, Type type, String path) {
        if (type instanceof Class<?> plain) {
            if (variants.containsKey(plain)) {
                return variant(node, plain, path);
            }
            if (!plain.isRecord()) {
                return scalar(node, plain, path);
            }
            if (node instanceof Mapping mapping) {
                return record(mapping, plain, path, false);
            }
            throw wrong(node, type, path);
        }
        Class<?> container = container(type);
        if (container == Optional.class) {
            return node.isNull() ? Optional.empty() : Optional.of(value(node, argument(type), path));
        }
        if (container == List.class && node instanceof Sequence sequence) {
            List<Object> items = new ArrayList<>();
            for (Node item : sequence.items()) {
                items.add(value(item, argument(type), Yaml.join(path, Integer.toString(items.size()))));
            }
            return List.copyOf(items);
        }
        if (container == Map.class && node instanceof Mapping mapping) {
            Map<String, Object> values = new LinkedHashMap<>();
            mapping.entries()
                    .forEach((key, entry) ->
                            values.put(key, value(entry.value(), argument(type), Yaml.join(path, key))));
            return Collections.unmodifiableMap(values);
        }
        throw wrong(node, type, path);
    }

    private Object record(Mapping mapping, Class<?> type, String path, boolean named) {
        Map<String, RecordComponent> components = components(type);
        List<String> known = Stream.concat(named ? Stream.of(NAME) : Stream.empty(), components.keySet().stream())
                .toList();
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String own = Yaml.join(path, key);
                throw new RecipeException(entry.at(), own, "unknown key '" + key + "', " + instead(key, own, known));
            }
        });
        List<Object> values = new ArrayList<>();
        components.forEach((key, component) -> values.add(component(mapping, key, component, Yaml.join(path, key))));
        try {
            Class<?>[] types =
                    components.values().stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                throw RecipeException.ofWhole(mapping.at(), path, String.valueOf(refusal.getMessage()), refusal);
            }
            throw new IllegalStateException("the constructor of " + type.getName() + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot create a " + type.getName(), e);
        }
    }

    private Object component(Mapping mapping, String key, RecordComponent component, String path) {
        Type type = component.getGenericType();
        Entry entry = mapping.entries().get(key);
        if (entry != null) {
            return value(entry.value(), type, path);
        }
        Default preset = component.getAnnotation(Default.class);
        if (preset != null) {
            String owner = component.getDeclaringRecord().getSimpleName();
            return value(
                    Yaml.value("the default of " + owner + "." + component.getName(), path, preset.value()),
                    type,
                    path);
        }
        if (isOptional(component.getType())) {
            return value(NOTHING, type, path);
        }
        throw RecipeException.ofWhole(mapping.at(), path, "missing key '" + key + "', expected " + wanted(type), null);
    }

    private Object variant(Node node, Class<?> type, String path) {
        if (node instanceof Sequence && lists.containsKey(type)) {
            Class<?> chosen = variants.get(type).get(lists.get(type));
            String only = components(chosen).keySet().iterator().next();
            return record(new Mapping(node.at(), Map.of(only, new Entry(node.at(), node))), chosen, path, false);
        }
        Node name = node;
        String namePath = path;
        Mapping mapping = new Mapping(node.at(), Map.of());
        if (node instanceof Mapping found) {
            Entry entry = found.entries().get(NAME);
            namePath = Yaml.join(path, NAME);
            if (entry == null) {
                throw RecipeException.ofWhole(
                        node.at(), namePath, "missing key 'name', expected " + wanted(type), null);
            }
            name = entry.value();
            mapping = found;
        }
        if (name instanceof Scalar scalar && !scalar.isNull()) {
            Map<String, Class<? extends Record>> table = variants.get(type);
            Class<?> chosen = table.get(scalar.text());
            if (chosen == null) {
                throw unknown("unknown name", scalar, namePath, table.keySet());
            }
            return record(mapping, chosen, path, true);
        }
        throw wrong(name, type, namePath);
    }

    private Object scalar(Node node, Class<?> type, String path) {
        if (node.isNull() && isOptional(type)) {
            return EMPTY.get(type);
        }
        if (!(node instanceof Scalar scalar) || scalar.isNull()) {
            throw wrong(node, type, path);
        }
        String text = scalar.text();
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> lower(constant).equals(text))
                    .findFirst()
                    .orElseThrow(() -> unknown("unknown value", scalar, path, constants(type)));
        }
        String kind = expected(type);
        if (kind.equals(TEXT)) {
            return text;
        } else if (type == Duration.class) {
            return DurationText.parse(text).orElseThrow(() -> wrong(node, type, path));
        } else if (scalar.plain() && kind.equals(TRUTH) && (text.equals("true") || text.equals("false"))) {
            return Boolean.valueOf(text);
        } else if (scalar.plain() && kind.equals(WHOLE) && text.matches("[-+]?[0-9]+")) {
            return whole(scalar, type, path);
        } else if (scalar.plain() && kind.equals(REAL) && text.matches(NUMBER)) {
            double number = Double.parseDouble(text);
            if (Double.isInfinite(number)) {
                throw new RecipeException(node.at(), path, "expected a number up to 1.8e308, got " + node.got());
            }
            return type == OptionalDouble.class ? OptionalDouble.of(number) : (Object) number;
        }
        throw wrong(node, type, path);
    }

    private static Object whole(Scalar scalar, Class<?> type, String path) {
        boolean wide = type == long.class || type == Long.class || type == OptionalLong.class;
        try {
            if (wide) {
                long number = Long.parseLong(scalar.text());
                return type == OptionalLong.class ? OptionalLong.of(number) : (Object) number;
            }
            int number = Integer.parseInt(scalar.text());
            return type == OptionalInt.class ? OptionalInt.of(number) : (Object) number;
        } catch (NumberFormatException e) {
            String range =
                    wide ? Long.MIN_VALUE + " to " + Long.MAX_VALUE : Integer.MIN_VALUE + " to " + Integer.MAX_VALUE;
            String problem = "expected a whole number from " + range + ", got " + scalar.got();
            throw new RecipeException(scalar.at(), path, problem, e);
        }
    }

    private static RecipeException unknown(String what, Scalar scalar, String path, Collection<String> names) {
        String fix = Nearest.suggestion(scalar.text(), names, "expected one of ");
        return new RecipeException(scalar.at(), path, what + " " + scalar.got() + ", " + fix);
    }

    /** What may have been meant by an unknown key: one elsewhere, or one that is spelled much the same, here or elsewhere. */
    private String instead(String key, String own, List<String> known) {
        Optional<KeyPlaces> places = root.map(type -> new KeyPlaces(type, this));
        return places.flatMap(all -> all.guess(key, own))
                .or(() -> Nearest.guess(key, known, lister))
                .or(() -> places.flatMap(all -> all.guessMisspelt(key, own)))
                .orElseGet(() -> known.isEmpty()
                        ? "there are no keys here"
                        : Nearest.suggestion(key, known, "the keys here are ", lister));
    }

    private RecipeException wrong(Node node, Type type, String path) {
        String expected = wanted(type);
        String fix = node.isNull() ? ", write a value" : "";
        if (node instanceof Scalar scalar && !scalar.isNull()) {
            if (expected.equals(LIST)) {
                fix = ", put it in brackets";
            } else if (expected.equals(MAPPING) && isNamed(type)) {
                fix = ", did you mean '" + Yaml.join(path, NAME) + "'?";
            } else if (!scalar.plain() && !expected.equals(MAPPING)) {
                fix = ", remove the quotes";
            } else if (expected.equals(WHOLE) && scalar.text().matches(NUMBER)) {
                fix = ", write it without a fraction or an exponent";
            }
        }
        return new RecipeException(node.at(), path, "expected " + expected + ", got " + node.got() + fix);
    }

    /** Whether a record has itself a name, such as that of a model. */
    private static boolean isNamed(Type type) {
        return container(type).isRecord() && components(container(type)).containsKey(NAME);
    }

    /** What is expected, in words that a message of one line holds. */
    private String wanted(Type type) {
        return expected(type, Few::of);
    }

    /** What is expected, in words. */
    String expected(Type type) {
        return expected(type, names -> String.join(", ", names));
    }

    private String expected(Type type, Function<Collection<String>, String> listing) {
        Class<?> container = container(type);
        if (container == Optional.class) {
            return expected(argument(type), listing);
        } else if (variants.containsKey(container)) {
            return "one of " + listing.apply(variants.get(container).keySet());
        } else if (container.isEnum()) {
            return "one of " + listing.apply(constants(container));
        }
        String expected = container.isRecord() ? MAPPING : EXPECTED.get(container);
        if (expected == null) {
            throw new IllegalStateException("a component of a recipe cannot be a " + type.getTypeName());
        }
        return expected;
    }

    private Mapping mapping(Record record, Map<String, Entry> first) {
        Map<String, Entry> entries = new LinkedHashMap<>(first);
        components(record.getClass()).forEach((key, component) -> {
            Node node = node(read(record, component), component.getGenericType());
            boolean implied = isOptional(component.getType()) && component.getAnnotation(Default.class) == null;
            if (!implied || !node.isNull()) {
                entries.put(key, new Entry("", node));
            }
        });
        return new Mapping("", entries);
    }

    private Node node(Object value, Type type) {
        if (value instanceof Optional<?> optional) {
            return optional.map(present -> node(present, argument(type))).orElse(NOTHING);
        } else if (value instanceof List<?> list) {
            return new Sequence(
                    "", list.stream().map(item -> node(item, argument(type))).toList());
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put((String) key, new Entry("", node(item, argument(type)))));
            return new Mapping("", entries);
        } else if (value instanceof Record record) {
            return variants.containsKey(type) ? variant(record, variants.get(type)) : mapping(record, Map.of());
        } else if (value instanceof String text) {
            return Scalar.ofText(text);
        } else if (value instanceof Duration duration) {
            return new Scalar("", DurationText.of(duration), true);
        } else if (value instanceof Enum<?>) {
            return Scalar.ofText(lower(value));
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            throw new IllegalArgumentException("expected a finite number, got " + number);
        } else if (value instanceof OptionalInt number) {
            return number.isPresent() ? node(number.getAsInt(), int.class) : NOTHING;
        } else if (value instanceof OptionalLong number) {
            return number.isPresent() ? node(number.getAsLong(), long.class) : NOTHING;
        } else if (value instanceof OptionalDouble number) {
            return number.isPresent() ? node(number.getAsDouble(), double.class) : NOTHING;
        }
        return new Scalar("", String.valueOf(value).replace('E', 'e'), true);
    }

    private Mapping variant(Record record, Map<String, Class<? extends Record>> table) {
        return mapping(record, Map.of(NAME, new Entry("", Scalar.ofText(nameIn(table, record)))));
    }

    /**
     * Returns what a record is called.
     *
     * @param table records by their names
     * @param record one whose class is in the table
     * @throws IllegalArgumentException if its class is not
     */
    public static String nameIn(Map<String, Class<? extends Record>> table, Object record) {
        return table.entrySet().stream()
                .filter(entry -> entry.getValue() == record.getClass())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(record.getClass() + " has no name"));
    }

    static Map<String, RecordComponent> components(Class<?> type) {
        Map<String, RecordComponent> components = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String words = component.getName().replaceAll("([a-z0-9])([A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "$1_$2");
            components.put(words.toLowerCase(Locale.ROOT), component);
        }
        return components;
    }

    private static Object read(Record record, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return Objects.requireNonNull(accessor.invoke(record), component.toString());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component + " of " + record, e);
        }
    }

    static Class<?> container(Type type) {
        Type raw = type instanceof ParameterizedType generic ? generic.getRawType() : type;
        if (raw instanceof Class<?> container) {
            return container;
        }
        throw new IllegalStateException("a component of a recipe cannot be a " + type.getTypeName());
    }

    /** Returns what a list or an optional holds, or a map's values are. */
    static Type argument(Type type) {
        Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
        return arguments[arguments.length - 1];
    }

    private static boolean isOptional(Class<?> type) {
        return EMPTY.containsKey(type);
    }

    private static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants()).map(RecordBinder::lower).toList();
    }

    private static String lower(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }
}
