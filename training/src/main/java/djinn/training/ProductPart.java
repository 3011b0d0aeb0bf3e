package djinn.training;

import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of a product that can be exported by itself, such as the decoder of an autoencoder.
 *
 * @param block the part
 * @param input an input of one example, batch first, by which it is traced
 * @param metadata what its file says, so that it can be used without the recipe
 */
public record ProductPart(NamedBlock block, NDList input, Map<String, String> metadata) {

    /** Copies the metadata, in their order. */
    public ProductPart {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
}
