package djinn.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Numbers of the reference implementations (PyTorch 2.14), read from test resources under {@code /golden}. */
public final class Golden {

    private Golden() {}

    /** Reads a file of records. */
    public static JsonNode read(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            assertThat(in).as("resource /golden/" + name).isNotNull();
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file that is a list of named records. */
    public static Map<String, JsonNode> records(String name) {
        Map<String, JsonNode> records = new LinkedHashMap<>();
        for (JsonNode record : read(name)) {
            assertThat(records.put(record.get("name").asString(), record)).isNull();
        }
        return records;
    }

    /** A tensor stored as {@code {"shape": [...], "values": [...]}}. */
    public static NDArray array(NDManager manager, JsonNode tensor) {
        return manager.create(floats(tensor.get("values")), shape(tensor.get("shape")));
    }

    /** A shape stored as a list. */
    public static Shape shape(JsonNode list) {
        long[] extents = new long[list.size()];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = list.get(i).asLong();
        }
        return new Shape(extents);
    }

    /** A list of numbers, flat or nested. */
    public static float[] floats(JsonNode list) {
        double[] values = doubles(list);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** A list of numbers, flat or nested. */
    public static double[] doubles(JsonNode list) {
        return list.isArray()
                ? list.valueStream()
                        .flatMapToDouble(item -> java.util.Arrays.stream(doubles(item)))
                        .toArray()
                : new double[] {list.asDouble()};
    }

    /** Asserts 1e-5 relative or 1e-6 absolute, the tolerance of layers, losses and gradients. */
    public static void assertClose(String what, NDArray actual, JsonNode expected) {
        assertThat(actual.getShape()).as(what + ", shape").isEqualTo(shape(expected.get("shape")));
        assertClose(what, actual.toFloatArray(), doubles(expected.get("values")), 1e-5, 1e-6);
    }

    /** Asserts that every element is within the relative or the absolute tolerance. */
    public static void assertClose(String what, float[] actual, double[] expected, double relative, double absolute) {
        assertThat(actual).as(what + ", size").hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            assertThat(difference <= Math.max(absolute, relative * Math.abs(expected[i])))
                    .as("%s[%d]: expected %s, got %s", what, i, expected[i], actual[i])
                    .isTrue();
        }
    }

    /** Compares the places that a record tells of an output, within 1e-4 of the largest. */
    public static void assertOutput(JsonNode expected, NDArray actual) {
        String name = expected.get("name").asString();
        assertThat(actual.getShape()).as(name).isEqualTo(shape(expected.get("shape")));
        float[] values = actual.toFloatArray();
        double tolerance = 1e-4 * expected.get("max_abs").asDouble();
        for (int i = 0; i < expected.get("index").size(); i++) {
            int index = expected.get("index").get(i).asInt();
            assertThat((double) values[index])
                    .as("%s[%d]", name, index)
                    .isCloseTo(expected.get("value").get(i).asDouble(), within(tolerance));
        }
    }

    /** Polygons as COCO writes them: lists of x, y, x, y and so on. */
    public static List<List<Double>> polygons(JsonNode node) {
        return node.valueStream()
                .map(polygon -> Arrays.stream(doubles(polygon)).boxed().toList())
                .toList();
    }
}
