package djinn.config;

import djinn.ops.Default;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A key that a record has in YAML, described.
 *
 * @param path from the record's own on, such as {@code train.epochs}
 * @param type what is expected there, in words
 * @param usual its value where it is left out, as YAML; empty if it must be given, or may be missing
 * @param required whether it must be given
 * @param meaning in words; empty if nobody wrote them down
 */
public record RecordKey(String path, String type, Optional<String> usual, boolean required, String meaning) {

    /** A resource of every jar whose records are described: class, component and meaning, with tabs between. */
    public static final String MEANINGS = "META-INF/djinn/keys.tsv";

    /**
     * Returns the keys of a record, those of records within it too, in their order.
     *
     * @param type the record
     * @param binder knows the variants
     */
    public static List<RecordKey> of(Class<? extends Record> type, RecordBinder binder) {
        List<RecordKey> keys = new ArrayList<>();
        add("", type, binder, meanings(), keys);
        return keys;
    }

    /**
     * Returns the variants that the keys of a record may name, by the paths of these keys.
     *
     * @param type the record
     * @param binder knows the variants
     */
    public static Map<String, Class<?>> variants(Class<? extends Record> type, RecordBinder binder) {
        Map<String, Class<?>> found = new LinkedHashMap<>();
        variants("", type, binder, found);
        return found;
    }

    private static void variants(
            String path, Class<? extends Record> type, RecordBinder binder, Map<String, Class<?>> found) {
        RecordBinder.components(type).forEach((key, component) -> {
            Class<?> inner = RecordBinder.container(element(component.getGenericType()));
            String own = Yaml.join(path, key);
            if (inner.isRecord()) {
                variants(own, inner.asSubclass(Record.class), binder, found);
            } else if (!binder.variants(inner).isEmpty()) {
                found.put(own, inner);
            }
        });
    }

    /**
     * Returns the records that a record is made of: itself, those within it, and the variants its keys may name.
     *
     * @param type the record
     * @param binder knows the variants
     */
    public static Set<Class<? extends Record>> records(Class<? extends Record> type, RecordBinder binder) {
        Set<Class<? extends Record>> found = new LinkedHashSet<>();
        records(type, binder, found);
        return found;
    }

    private static void records(Class<? extends Record> type, RecordBinder binder, Set<Class<? extends Record>> found) {
        if (!found.add(type)) {
            return;
        }
        RecordBinder.components(type).values().forEach(component -> {
            Class<?> inner = RecordBinder.container(element(component.getGenericType()));
            binder.variants(inner).values().forEach(variant -> records(variant, binder, found));
            if (inner.isRecord()) {
                records(inner.asSubclass(Record.class), binder, found);
            }
        });
    }

    /** What is in an optional value or a list. */
    private static Type element(Type type) {
        Class<?> container = RecordBinder.container(type);
        return container == Optional.class || container == List.class ? element(RecordBinder.argument(type)) : type;
    }

    private static void add(
            String path,
            Class<? extends Record> type,
            RecordBinder binder,
            Map<String, String> meanings,
            List<RecordKey> keys) {
        RecordBinder.components(type).forEach((key, component) -> {
            Type generic = component.getGenericType();
            Class<?> inner = RecordBinder.container(element(generic));
            String own = Yaml.join(path, key);
            Default usual = component.getAnnotation(Default.class);
            boolean optional = component.getType().getName().startsWith("java.util.Optional");
            String meaning = meanings.getOrDefault(type.getCanonicalName() + "\t" + component.getName(), "");
            boolean list = RecordBinder.container(generic) == List.class;
            boolean isVariant = !binder.variants(inner).isEmpty();
            String words = isVariant ? (list ? "a list of: " : "") + "see below" : words(generic, binder, list);
            keys.add(new RecordKey(
                    own, words, Optional.ofNullable(usual).map(Default::value), usual == null && !optional, meaning));
            if (inner.isRecord() && !isVariant) {
                add(own, inner.asSubclass(Record.class), binder, meanings, keys);
            }
        });
    }

    private static String words(Type type, RecordBinder binder, boolean list) {
        if (list) {
            return "a list of: " + binder.expected(RecordBinder.argument(type));
        }
        return binder.expected(type);
    }

    private static Map<String, String> meanings() {
        Map<String, String> meanings = new HashMap<>();
        try {
            var files = RecordKey.class.getClassLoader().getResources(MEANINGS);
            while (files.hasMoreElements()) {
                try (InputStream in = files.nextElement().openStream()) {
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .forEach(line -> {
                                int tab = line.lastIndexOf('\t');
                                meanings.put(line.substring(0, tab), line.substring(tab + 1));
                            });
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return meanings;
    }
}
