package djinn.export.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.Value;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Compares a file with a model that chooses among what it computes, such as regions to look at: rounding may turn the
 * order of two that are all but equal, and then everything behind is another.
 *
 * <p>So the engine follows the file: what is chosen from must be the same but for rounding, what is chosen must be what the
 * engine chooses from the file's numbers, and what comes of the file's choice must be what the engine makes of it.
 */
public final class ChoiceCheck {

    /** The largest difference of what is chosen, in its own unit, such as pixels. */
    private static final double CHOSEN = 1e-3;

    private final Graph graph;
    private final UnaryOperator<NDList> reference;
    private final double tolerance;

    /**
     * A comparison.
     *
     * @param graph of the model
     * @param reference the model
     * @param tolerance the largest difference relative to the largest of an output
     */
    public ChoiceCheck(Graph graph, UnaryOperator<NDList> reference, double tolerance) {
        this.graph = graph;
        this.reference = reference;
        this.tolerance = tolerance;
    }

    /**
     * Returns a graph that answers besides, behind its outputs, what is chosen from and what is chosen; it is closed with the
     * other.
     */
    public static Graph opened(Graph graph) {
        List<Value> outputs = new ArrayList<>(graph.outputs());
        outputs.addAll(inside(graph));
        return graph.with(graph.nodes(), outputs);
    }

    private static Set<Value> inside(Graph graph) {
        Set<Value> inside = new LinkedHashSet<>();
        for (Node node : graph.choosing()) {
            inside.addAll(node.inputs());
            inside.addAll(node.results());
        }
        return inside;
    }

    /**
     * Requires that a file answers as the model.
     *
     * @param file an ONNX file of the graph
     * @param opened one of {@link #opened}
     * @param examples input
     * @param axes whose sizes are open
     * @param randomToo whether they are compared on random input besides
     * @return the largest difference found, relative to the largest absolute output
     * @throws DataException if a difference is larger than allowed
     */
    public double require(Path file, Path opened, NDList examples, List<DynamicAxis> axes, boolean randomToo) {
        double largest = 0;
        Graph whole = opened(graph);
        try (OnnxCheck own = OnnxCheck.open(file);
                OnnxCheck within = OnnxCheck.open(opened);
                NDManager manager = PyTorch.newManager()) {
            for (NDList inputs : OnnxCheck.inputs(examples, axes, randomToo, manager)) {
                NDList expected = reference.apply(inputs);
                OnnxCheck.requireFinite(file, expected, inputs);
                requireSame(file, "the model traced", graph.run(inputs), expected);
                NDList answers = within.answers(inputs, manager);
                largest = Math.max(largest, followed(file, whole, inputs, answers));
                NDList told = new NDList(answers.subList(0, graph.outputs().size()));
                requireSame(file, "ONNX Runtime", own.answers(inputs, manager), told);
            }
        }
        return largest;
    }

    /** Compares what a file answers, and what it has inside, with what the engine makes of what the file chooses. */
    private double followed(Path file, Graph whole, NDList inputs, NDList answers) {
        Map<Value, NDArray> known = new HashMap<>();
        List<Value> values = whole.outputs();
        for (int i = 0; i < values.size(); i++) {
            known.putIfAbsent(values.get(i), answers.get(i));
        }
        Map<Value, NDArray> chosen = new HashMap<>();
        for (Node node : whole.choosing()) {
            NDList results = node.run(known);
            for (int i = 0; i < results.size(); i++) {
                Value result = node.results().get(i);
                NDArray choice = known.get(result);
                boolean same = choice.getShape().equals(results.get(i).getShape())
                        && largest(choice.sub(results.get(i))) <= CHOSEN;
                if (!same) {
                    throw new DataException(file + ": ONNX Runtime chooses others than the engine by '"
                            + node.op() + "' of " + node.where() + ", " + choice.getShape() + ", expected "
                            + results.get(i).getShape() + " within " + CHOSEN);
                }
                chosen.put(result, choice);
            }
        }
        return requireSame(file, "ONNX Runtime", answers, whole.run(inputs, chosen));
    }

    /** Requires arrays to be the same but for rounding; the message names each that is not, and how far it is off. */
    private double requireSame(Path file, String whose, NDList answers, NDList expected) {
        double worst = 0;
        List<String> differing = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            NDArray wanted = expected.get(i);
            if (!answers.get(i).getShape().equals(wanted.getShape())) {
                throw new DataException(file + ": " + whose + " answers "
                        + answers.get(i).getShape() + " as " + named(i) + ", expected " + wanted.getShape());
            }
            double scale = largest(wanted);
            double apart = largest(answers.get(i).sub(wanted));
            double share = apart / Math.max(scale, Float.MIN_NORMAL);
            worst = Math.max(worst, share);
            if (!(share <= tolerance)) {
                differing.add(String.format(
                        Locale.ROOT,
                        "%s %s differs by %.3g of its largest (%.3g of %.3g)",
                        named(i),
                        wanted.getShape(),
                        share,
                        apart,
                        scale));
            }
        }
        if (!differing.isEmpty()) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s: of what %s computes, %s; expected at most %.3g",
                    file,
                    whose,
                    String.join(", ", differing),
                    tolerance));
        }
        return worst;
    }

    /** What the outputs of an opened graph are called in messages. */
    private String named(int index) {
        int own = graph.outputs().size();
        if (index < own) {
            return own == 1 ? "the output" : "output " + index;
        }
        Value value = List.copyOf(inside(graph)).get(index - own);
        Node node = graph.choosing().stream()
                .filter(choice ->
                        choice.results().contains(value) || choice.inputs().contains(value))
                .findFirst()
                .orElseThrow();
        String what = node.results().contains(value) ? "what is chosen" : "what is chosen from";
        return what + " by '" + node.op() + "' of " + node.where() + ", " + value.name() + ",";
    }

    private static double largest(NDArray x) {
        return x.size() == 0 ? 0 : x.toType(DataType.FLOAT64, false).abs().max().getDouble();
    }
}
