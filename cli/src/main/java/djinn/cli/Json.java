package djinn.cli;

import tools.jackson.databind.ObjectMapper;

/** Answers as JSON; the mapper is made once, and only where an answer is. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** Returns a value as one line. */
    static String line(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
