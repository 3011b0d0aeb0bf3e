package djinn.training.optimizer;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far from a model's head its parameters are, for layer-wise learning rate decay (BEiT, Bao et al. 2022).
 *
 * <p>Layers are read off the names, in their order:
 *
 * <ul>
 *   <li>A layer is a name up to the first part with a digit, and one part further if that is a mere number: {@code
 *       layer1.0} of {@code layer1.0.conv1.weight}, {@code features.3}, {@code encoder.layers.encoder_layer_7}.
 *   <li>A weight or bias without such a part is of the layer of its module: {@code heads.head}.
 *   <li>Layers that have no parameter of two dimensions or more, the norms, join the layer before them; so do other
 *       parameters without such a part, tokens and position embeddings. Before the first layer they join that.
 * </ul>
 *
 * <p>For a vision transformer that is timm's count: the head 0, the last block and the final norm 1, the stem with token
 * and positions one more than the number of blocks. A stage whose blocks are not numbered this way is a single layer.
 */
public final class LayerDepth {

    private LayerDepth() {}

    /**
     * Counts layers from the head.
     *
     * @param parameters the shapes of all of a model's parameters by name, in forward order
     * @param head what the names of the head's parameters begin with, as {@link djinn.zoo.nn.Headed} says; wherever it
     *     stands, its layer counts as the last
     * @return for each name 0 in the head's layer, 1 in the one before
     * @throws IllegalArgumentException if no parameter is of the head
     */
    public static Map<String, Integer> fromHead(Map<String, Shape> parameters, String head) {
        String last = parameters.keySet().stream()
                .filter(name -> name.startsWith(head + "."))
                .findFirst()
                .map(LayerDepth::layer)
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a parameter of the head '" + head + "', got " + parameters.keySet()));
        Set<String> weighty = new HashSet<>();
        parameters.forEach((name, shape) -> {
            if (shape.dimension() > 1) {
                weighty.add(layer(name));
            }
        });
        Map<String, Integer> order = new LinkedHashMap<>();
        Map<String, Integer> depths = new LinkedHashMap<>();
        for (String name : parameters.keySet()) {
            String layer = layer(name);
            if (!layer.isEmpty() && weighty.contains(layer)) {
                order.putIfAbsent(layer, order.size());
                depths.put(name, order.get(layer));
            } else {
                depths.put(name, Math.max(0, order.size() - 1));
            }
        }
        int end = Math.max(0, order.size() - 1);
        int at = order.getOrDefault(last, end);
        depths.replaceAll((name, place) -> place == at ? 0 : end - (place > at ? place - 1 : place));
        return depths;
    }

    /** Returns the layer's name, empty for what belongs to none. */
    private static String layer(String name) {
        List<String> parts = Arrays.asList(name.split("\\."));
        List<String> modules = parts.subList(0, parts.size() - 1);
        for (int i = 0; i < modules.size(); i++) {
            if (modules.get(i).matches(".*[0-9].*")) {
                boolean further = i + 1 < modules.size() && modules.get(i + 1).matches("[0-9]+");
                return String.join(".", modules.subList(0, further ? i + 2 : i + 1));
            }
        }
        String leaf = parts.get(parts.size() - 1);
        return leaf.equals("weight") || leaf.equals("bias") ? String.join(".", modules) : "";
    }
}
