package djinn.cli;

import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;

/** Answers as JSON; the mapper is made once, and only where an answer is. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** Returns the fields of an object. */
    static Map<String, Object> read(String line) {
        return MAPPER.readValue(line, new TypeReference<Map<String, Object>>() {});
    }

    /** Returns a value as one line. */
    static String line(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
