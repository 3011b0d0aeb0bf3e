package djinn.cli;

import djinn.ops.ShortDecimal;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Answers as JSON; the mapper is made once, and only where an answer is.
 *
 * <p>JSON has no NaN and no infinity: such a number is null, never a text. Others are as short as {@link ShortDecimal} has
 * them.
 */
final class Json {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(Double.class, new FiniteOrNull<>())
                    .addSerializer(Float.class, new FiniteOrNull<>()))
            .build();

    private Json() {}

    private static final class FiniteOrNull<N extends Number> extends ValueSerializer<N> {

        @Override
        public void serialize(N number, JsonGenerator out, SerializationContext context) {
            if (!Double.isFinite(number.doubleValue())) {
                out.writeNull();
            } else if (ShortDecimal.of(number) instanceof Float narrow) {
                out.writeNumber(narrow);
            } else {
                out.writeNumber(number.doubleValue());
            }
        }
    }

    /** Returns the fields of an object. */
    static Map<String, Object> read(String line) {
        return MAPPER.readValue(line, new TypeReference<Map<String, Object>>() {});
    }

    /** Returns a value as one line. */
    static String line(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}
