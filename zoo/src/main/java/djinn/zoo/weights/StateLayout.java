package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
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
 * The names and shapes of a model's arrays, and which of them a file may lack.
 *
 * @param shapes of all arrays by name, in the model's order
 * @param computed those the model makes itself, which a file may lack
 * @param heads the names of the heads that only training uses
 */
public record StateLayout(Map<String, Shape> shapes, Set<String> computed, List<String> heads) {

    /** How exactly the names of a file must be a model's. */
    enum Slack {
        /** All, but for those that the model computes. */
        NONE,
        /** Heads that only training uses may be missing, or be there though the model has none. */
        AUXILIARY_HEADS,
        /** The classifier may be missing too: what follows the backbone. */
        CLASSIFIER
    }

    /** What auxiliary heads are called by those who publish weights. */
    private static final Pattern FOREIGN_HEAD =
            Pattern.compile("(aux\\d*|aux_?(classifier|head|logits))\\..+", Pattern.CASE_INSENSITIVE);

    /** Returns that of a block, which need not be initialised. */
    public static StateLayout of(Block block) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Set<String> computed = new HashSet<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            shapes.put(entry.getKey(), entry.getValue().getShape());
            if (isComputed(entry.getValue())) {
                computed.add(entry.getKey());
            }
        }
        List<String> heads = block instanceof AuxiliaryHeads trained ? trained.auxiliaryNames() : List.of();
        return new StateLayout(shapes, computed, heads);
    }

    private static boolean isComputed(Parameter parameter) {
        return parameter.isInitialized()
                ? StateDict.isComputed(parameter.getArray())
                : parameter.getType() == Parameter.Type.OTHER && !parameter.requiresGradient();
    }

    /** Whether an array belongs to a head that only training uses. */
    public boolean isOfHead(String name) {
        return heads.stream().anyMatch(head -> name.startsWith(head + "."));
    }

    /** Whether an array belongs to the classifier: the last layers, by the first part of their names. */
    public boolean isOfClassifier(String name) {
        String classifier = classifier();
        return !classifier.isEmpty() && name.startsWith(classifier);
    }

    private String classifier() {
        String last = shapes.keySet().stream().filter(name -> !isOfHead(name)).reduce("", (first, second) -> second);
        return last.substring(0, last.indexOf('.') + 1);
    }

    /** The fewest arrays that a file of this model has. */
    int fewest(Slack slack) {
        String classifier = classifier();
        return (int) shapes.keySet().stream()
                .filter(name -> !mayLack(name, slack, classifier))
                .count();
    }

    /** Tells whether names, all of a file, are the model's. */
    boolean fits(Collection<String> names, Slack slack) {
        Set<String> found = new HashSet<>(names);
        String classifier = classifier();
        return found.size() == names.size()
                && found.stream()
                        .allMatch(name -> shapes.containsKey(name) || (slack != Slack.NONE && isForeignHead(name)))
                && shapes.keySet().stream().allMatch(name -> found.contains(name) || mayLack(name, slack, classifier));
    }

    /** Tells whether arrays have the shapes of the model's of the same names. */
    boolean hasShapes(Map<String, NDArray> state) {
        return state.entrySet().stream().allMatch(array -> {
            Shape own = shapes.get(array.getKey());
            return own == null || own.equals(array.getValue().getShape());
        });
    }

    private boolean mayLack(String name, Slack slack, String classifier) {
        return computed.contains(name)
                || (slack != Slack.NONE && isOfHead(name))
                || (slack == Slack.CLASSIFIER && !classifier.isEmpty() && name.startsWith(classifier));
    }

    private static boolean isForeignHead(String name) {
        return FOREIGN_HEAD.matcher(name).matches();
    }
}
