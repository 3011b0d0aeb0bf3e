package djinn.data.text;

import java.util.LinkedHashMap;
import java.util.Map;

/** A part of a tokenizer.json, whose fields have an order: every process then writes the same file. */
final class TokenizerPart {

    private TokenizerPart() {}

    /**
     * Returns a part.
     *
     * @param type what Hugging Face's tokenizers call it
     * @param others its other fields, in their order
     */
    @SafeVarargs
    static Map<String, Object> of(String type, Map.Entry<String, ?>... others) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("type", type);
        for (Map.Entry<String, ?> other : others) {
            part.put(other.getKey(), other.getValue());
        }
        return part;
    }
}
