package djinn.inference;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A class and how likely it is.
 *
 * @param label the class's name
 * @param index its place among the model's classes, from 0 on
 * @param probability from 0 to 1; those of all classes add up to 1
 */
public record Score(String label, int index, double probability) {

    /** The fields of a JSON object. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("label", label);
        fields.put("probability", probability);
        return fields;
    }
}
