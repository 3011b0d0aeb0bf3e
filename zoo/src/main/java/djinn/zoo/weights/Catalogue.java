package djinn.zoo.weights;

import djinn.ops.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The public weights that fit models of the zoo as they are: of torchvision, timm, and the authors of the CIFAR ResNets.
 *
 * <p>Read from {@code catalogue.json}, a line per entry, the default of a model before its others. Whose names of arrays
 * differ from the zoo's are not listed: torchvision's DenseNets and Vision Transformers, which its loader renames, and
 * facenet-pytorch's, which hold a classifier besides.
 */
public final class Catalogue {

    // read when first asked for
    private static final class Table {
        static final List<CatalogueEntry> ENTRIES = read();
    }

    private Catalogue() {}

    /** Returns all entries, those of a model together. */
    public static List<CatalogueEntry> all() {
        return Table.ENTRIES;
    }

    /**
     * Returns the weights of a model.
     *
     * @param model as the zoo names it
     * @return the default first; empty if there are none
     */
    public static List<CatalogueEntry> of(String model) {
        return all().stream().filter(entry -> entry.model().equals(model)).toList();
    }

    /**
     * Finds weights.
     *
     * @param name {@code model/name}, or a model for its default
     * @return the entry
     * @throws IllegalArgumentException if there are none of that name; the message has the nearest
     */
    public static CatalogueEntry find(String name) {
        return all().stream()
                .filter(entry -> entry.id().equals(name) || entry.model().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown weights '" + name + "', " + suggestion(name)));
    }

    private static String suggestion(String name) {
        Map<String, CatalogueEntry> ids = new LinkedHashMap<>();
        all().forEach(entry -> ids.putIfAbsent(entry.id(), entry));
        List<String> models =
                all().stream().map(CatalogueEntry::model).distinct().toList();
        List<CatalogueEntry> siblings = of(name.replaceFirst("/.*", ""));
        if (!siblings.isEmpty()) {
            List<String> names = siblings.stream().map(CatalogueEntry::id).toList();
            return Nearest.suggestion(
                    name,
                    names,
                    "expected one of ",
                    "'djinn weights list " + siblings.get(0).model() + "' lists them");
        }
        String all = "'djinn weights list' lists those of the catalogue";
        return Nearest.guess(name, name.contains("/") ? ids.keySet() : models, all)
                .orElse(all);
    }

    private static List<CatalogueEntry> read() {
        JsonMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .build();
        try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.json")) {
            return List.copyOf(json.readValue(in, new TypeReference<List<CatalogueEntry>>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("the catalogue cannot be read", e);
        }
    }
}
