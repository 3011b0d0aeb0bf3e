package djinn.training;

import djinn.zoo.nn.NamedBlock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is handed on of a model: the part that {@code best.safetensors} holds.
 *
 * @param block the part, or the model itself
 * @param prefix what the names of its arrays have in front in the model; empty for the model itself
 * @param metadata what the file says, so that it can be used without the recipe
 */
public record Product(NamedBlock block, String prefix, Map<String, String> metadata) {

    /** Copies the metadata, in their order. */
    public Product {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** The whole model. */
    public static Product whole(NamedBlock model, Map<String, String> metadata) {
        return new Product(model, "", metadata);
    }
}
