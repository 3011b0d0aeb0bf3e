package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Folds batch normalisation into the convolution before it, as far as nothing else uses that.
 *
 * <p>With g the scale over the standard deviation, {@code weight / sqrt(variance + eps)}, of each output channel: the
 * convolution's weights are multiplied by g, and its bias b becomes {@code (b - mean) g + bias}. Computed in double
 * precision.
 */
public final class BatchNormFolding {

    private static final double EPSILON = 1e-5;

    private final Graph graph;
    private final Map<Value, Integer> uses;
    private final Map<Value, Node> makers = new HashMap<>();
    private final Set<String> names = new HashSet<>();

    private BatchNormFolding(Graph graph) {
        this.graph = graph;
        this.uses = graph.uses();
        graph.nodes().forEach(node -> node.results().forEach(result -> makers.put(result, node)));
        graph.stored().forEach(value -> names.add(value.name()));
    }

    /**
     * Folds what can be folded.
     *
     * @param graph stays as it is
     * @return a graph with fewer operations that is closed with the given one
     */
    public static Graph apply(Graph graph) {
        return new BatchNormFolding(graph).folded();
    }

    private Graph folded() {
        Map<Node, Node> replaced = new HashMap<>();
        Map<Value, Value> gone = new HashMap<>();
        for (Node node : graph.nodes()) {
            Node before = node.op().equals("batch_norm") ? makers.get(node.value(0)) : null;
            if (before != null && foldable(before, node)) {
                replaced.put(before, folded(before, node));
                replaced.put(node, null);
                gone.put(before.result(), node.result());
            }
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node kept = replaced.getOrDefault(node, node);
            if (kept != null) {
                nodes.add(kept);
            }
        }
        return Replacement.of(graph.with(nodes, graph.outputs()), gone);
    }

    private boolean foldable(Node convolution, Node norm) {
        return convolution.op().equals("convolution")
                && uses.get(convolution.result()) == 1
                && own(convolution.value(1), true)
                && own(convolution.value(2), false)
                && own(norm.value(1), false)
                && own(norm.value(2), false)
                && own(norm.value(3), true)
                && own(norm.value(4), true)
                && !norm.flag(5)
                // parameters that others use too keep their values
                && uses.get(convolution.value(1)) == 1;
    }

    private static boolean own(Value value, boolean required) {
        return value == null
                ? !required
                : (value.source() == Value.Source.PARAMETER || value.source() == Value.Source.CONSTANT)
                        && value.type() == DataType.FLOAT32;
    }

    private Node folded(Node convolution, Node norm) {
        Value weight = convolution.value(1);
        boolean transposed = convolution.flag(6);
        long groups = convolution.integer(8);
        double eps = norm.arguments().size() > 7 ? norm.number(7) : EPSILON;
        float[] mean = numbers(norm.value(3));
        float[] variance = numbers(norm.value(4));
        double[] gain = new double[mean.length];
        double[] bias = new double[mean.length];
        float[] scale = norm.value(1) == null ? filled(gain.length, 1) : numbers(norm.value(1));
        float[] shift = norm.value(2) == null ? filled(gain.length, 0) : numbers(norm.value(2));
        float[] had = convolution.value(2) == null ? filled(gain.length, 0) : numbers(convolution.value(2));
        for (int c = 0; c < gain.length; c++) {
            gain[c] = scale[c] / Math.sqrt(variance[c] + eps);
            bias[c] = (had[c] - mean[c]) * gain[c] + shift[c];
        }
        float[] weights = numbers(weight);
        // weights are (out, in / groups, kernel), or transposed (in, out / groups, kernel)
        long second = weight.shape().get(1);
        long kernel = weight.shape().size() / weight.shape().get(0) / second;
        long rows = weight.shape().get(0) / groups;
        for (int i = 0; i < weights.length; i++) {
            long first = i / (second * kernel);
            long channel = transposed ? first / rows * second + i / kernel % second : first;
            weights[i] = (float) (weights[i] * gain[(int) channel]);
        }
        float[] biases = new float[bias.length];
        for (int c = 0; c < bias.length; c++) {
            biases[c] = (float) bias[c];
        }
        List<Object> arguments = new ArrayList<>(convolution.arguments());
        arguments.set(1, value(weight.name(), weights, weight.shape()));
        arguments.set(2, value(biasName(convolution), biases, new Shape(biases.length)));
        return new Node(convolution.op(), arguments, convolution.keywords(), norm.results(), convolution.where());
    }

    private String biasName(Node convolution) {
        Value bias = convolution.value(2);
        if (bias != null && uses.get(bias) == 1) {
            return bias.name();
        }
        String weight = convolution.value(1).name();
        String base = weight.endsWith("weight")
                ? weight.substring(0, weight.length() - "weight".length()) + "bias"
                : weight + ".bias";
        String name = base;
        for (int i = 1; !names.add(name); i++) {
            name = base + i;
        }
        return name;
    }

    private Value value(String name, float[] numbers, Shape shape) {
        NDArray array = graph.constants().create(numbers, shape);
        return new Value(Value.Source.PARAMETER, name, array);
    }

    private static float[] filled(int length, float number) {
        float[] all = new float[length];
        Arrays.fill(all, number);
        return all;
    }

    private static float[] numbers(Value value) {
        return value.data().toFloatArray();
    }
}
