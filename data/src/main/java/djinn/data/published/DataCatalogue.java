package djinn.data.published;

import djinn.ops.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The public data sets that {@code djinn data get} brings; read from {@code catalogue.json}. */
public final class DataCatalogue {

    // read when first asked for
    private static final class Table {
        static final List<PublishedData> ENTRIES = read();
    }

    private DataCatalogue() {}

    /** Returns all of them. */
    public static List<PublishedData> all() {
        return Table.ENTRIES;
    }

    /**
     * Finds one.
     *
     * @param name its name; a hyphen and an underscore are the same
     * @throws IllegalArgumentException if there is none of that name; the message has the nearest
     */
    public static PublishedData find(String name) {
        String plain = name.replace('-', '_');
        List<String> names = all().stream().map(PublishedData::name).toList();
        return all().stream()
                .filter(entry -> entry.name().equals(plain))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown data '" + name + "', "
                        + Nearest.suggestion(plain, names, "expected one of ") + "; 'djinn data list' tells more"));
    }

    private static List<PublishedData> read() {
        JsonMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .build();
        try (InputStream in = DataCatalogue.class.getResourceAsStream("catalogue.json")) {
            return List.copyOf(json.readValue(in, new TypeReference<List<PublishedData>>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException("the catalogue of data cannot be read", e);
        }
    }
}
