package djinn.zoo.weights;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import djinn.zoo.nn.AuxiliaryHeads;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names and shapes of a model's arrays.
 *
 * @param shapes of all arrays by name, in the model's order
 * @param computed those the model makes itself, which a file may lack
 * @param heads the names of the heads that only training uses
 */
record Layout(Map<String, Shape> shapes, Set<String> computed, List<String> heads) {

    /** What auxiliary heads are called by those who publish weights. */
    private static final Pattern FOREIGN_HEAD =
            Pattern.compile("(aux\\d*|aux_?(classifier|head|logits))\\..+", Pattern.CASE_INSENSITIVE);

    /** Returns that of a block, which need not be initialised. */
    static Layout of(Block block) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Set<String> computed = new HashSet<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            shapes.put(entry.getKey(), entry.getValue().getShape());
            if (isComputed(entry.getValue())) {
                computed.add(entry.getKey());
            }
        }
        return new Layout(shapes, computed, heads(block));
    }

    /** The heads of a block that only training uses. */
    static List<String> heads(Block block) {
        return block instanceof AuxiliaryHeads trained ? trained.auxiliaryNames() : List.of();
    }

    private static boolean isComputed(Parameter parameter) {
        return parameter.isInitialized()
                ? StateDict.isComputed(parameter.getArray())
                : parameter.getType() == Parameter.Type.OTHER && !parameter.requiresGradient();
    }

    /** The fewest arrays that a file of this model has. */
    int fewest() {
        return (int) shapes.keySet().stream()
                .filter(name -> !computed.contains(name) && !isOfHead(name))
                .count();
    }

    /** Whether an array belongs to a head that only training uses. */
    boolean isOfHead(String name) {
        return heads.stream().anyMatch(head -> name.startsWith(head + "."));
    }

    /**
     * Tells whether names are the model's.
     *
     * @param names all of a file
     * @param butHeads whether heads that only training uses may be missing, or be there though the model has none
     */
    boolean fits(Collection<String> names, boolean butHeads) {
        Set<String> found = new HashSet<>(names);
        return found.size() == names.size()
                && found.stream().allMatch(name -> shapes.containsKey(name) || (butHeads && isForeignHead(name)))
                && shapes.keySet().stream()
                        .allMatch(name ->
                                found.contains(name) || computed.contains(name) || (butHeads && isOfHead(name)));
    }

    private static boolean isForeignHead(String name) {
        return FOREIGN_HEAD.matcher(name).matches();
    }
}
