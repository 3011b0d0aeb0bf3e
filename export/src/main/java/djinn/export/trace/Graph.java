package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import djinn.ops.Autograd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a block does with its input, as a list of operations; owns the constants among its values. */
public final class Graph implements AutoCloseable {

    private final List<Value> inputs;
    private final List<Node> nodes;
    private final List<Value> outputs;
    private final Map<String, Parameter> parameters;
    private final Map<Value, Map<Integer, String>> dynamic;
    private final NDManager constants;

    /**
     * Creates a graph.
     *
     * @param inputs what goes in
     * @param nodes the operations, in the order of their running
     * @param outputs what comes out
     * @param parameters those of the block, by their names in the state dict
     * @param constants owns the arrays of constants; closed with the graph
     */
    public Graph(
            List<Value> inputs,
            List<Node> nodes,
            List<Value> outputs,
            Map<String, Parameter> parameters,
            NDManager constants) {
        this(inputs, nodes, outputs, parameters, Map.of(), constants);
    }

    private Graph(
            List<Value> inputs,
            List<Node> nodes,
            List<Value> outputs,
            Map<String, Parameter> parameters,
            Map<Value, Map<Integer, String>> dynamic,
            NDManager constants) {
        this.inputs = List.copyOf(inputs);
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
        this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        this.dynamic = Map.copyOf(dynamic);
        this.constants = constants;
    }

    /** Returns what the block is given. */
    public List<Value> inputs() {
        return inputs;
    }

    /** Returns the operations, each behind those it needs, and none that no output needs. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns what the block answers. */
    public List<Value> outputs() {
        return outputs;
    }

    /**
     * Returns the state dict of the block: its parameters and buffers by name, those too that no operation uses.
     *
     * <p>A parameter of several names is there under each; among the {@linkplain #stored() values} it has the first.
     */
    public Map<String, Parameter> parameters() {
        return parameters;
    }

    /**
     * Returns the axes along which a value's size may differ from that of the trace.
     *
     * @param value of this graph
     * @return the axes, from 0, and the names of their sizes, such as {@code batch}; none if all sizes are fixed
     */
    public Map<Integer, String> dynamicAxes(Value value) {
        return dynamic.getOrDefault(value, Map.of());
    }

    /**
     * Returns a graph whose operations hold for other sizes too.
     *
     * @param others its operations
     * @param open which axes of which values are open, and what their sizes are called
     * @return a graph that shares this one's constants: it is closed with it
     */
    Graph with(List<Node> others, Map<Value, Map<Integer, String>> open) {
        return new Graph(inputs, others, outputs, parameters, open, constants);
    }

    /**
     * Returns a graph with other operations for the same inputs; its parameters are those that they use.
     *
     * @param others its operations
     * @param answers its outputs
     * @return a graph that shares this one's constants: it is closed with it
     */
    public Graph with(List<Node> others, List<Value> answers) {
        return new Graph(inputs, others, answers, Map.of(), dynamic, constants);
    }

    /** Returns what owns the constants. */
    public NDManager constants() {
        return constants;
    }

    /**
     * Runs the operations again, on other input of the shapes of the trace; along dynamic axes, of any size.
     *
     * @param given the input; owns what is answered
     * @return the outputs
     */
    public NDList run(NDList given) {
        return run(given, Map.of());
    }

    /**
     * Runs the operations again where what some of them compute is told.
     *
     * @param given the input; owns what is answered
     * @param told instead of what nodes compute; of each such node all results
     * @return the outputs
     */
    public NDList run(NDList given, Map<Value, NDArray> told) {
        Map<Value, NDArray> known = new HashMap<>(told);
        for (int i = 0; i < inputs.size(); i++) {
            known.put(inputs.get(i), given.get(i));
        }
        stored().forEach(value -> known.put(value, value.data()));
        NDManager owner = given.head().getManager();
        NDList answers = new NDList();
        try (NDManager running = owner.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            for (Node node : nodes) {
                if (told.containsKey(node.result())) {
                    continue;
                }
                NDList results = node.run(known);
                results.attach(running);
                for (int i = 0; i < results.size(); i++) {
                    known.put(node.results().get(i), results.get(i));
                }
            }
            outputs.forEach(output -> answers.add(known.get(output).duplicate()));
            answers.attach(owner);
        }
        return answers;
    }

    static List<Object> filled(List<Object> arguments, Map<Value, NDArray> known) {
        List<Object> filled = new ArrayList<>();
        arguments.forEach(argument -> filled.add(filled(argument, known)));
        return filled;
    }

    static Map<String, Object> filled(Map<String, Object> keywords, Map<Value, NDArray> known) {
        Map<String, Object> filled = new LinkedHashMap<>();
        keywords.forEach((name, argument) -> filled.put(name, filled(argument, known)));
        return filled;
    }

    private static Object filled(Object argument, Map<Value, NDArray> known) {
        if (argument instanceof Value value) {
            return known.get(value);
        } else if (argument instanceof Extent extent) {
            return extent.at(known.get(extent.of()).getShape().get(extent.axis()));
        } else if (argument instanceof List<?> list) {
            return list.stream().map(item -> filled(item, known)).toList();
        }
        return argument;
    }

    /** Returns the parameters and constants that are used, in the order of their use. */
    public Set<Value> stored() {
        Set<Value> stored = new LinkedHashSet<>();
        nodes.forEach(node -> node.inputs().stream().filter(Graph::isStored).forEach(stored::add));
        outputs.stream().filter(Graph::isStored).forEach(stored::add);
        return stored;
    }

    /** Returns the operations that choose, see {@link Node#chooses()}, in their order. */
    public List<Node> choosing() {
        return nodes.stream().filter(Node::chooses).toList();
    }

    /** Returns how often each value is used, by operations and as an output. */
    public Map<Value, Integer> uses() {
        Map<Value, Integer> uses = new HashMap<>();
        nodes.forEach(node -> node.inputs().forEach(value -> uses.merge(value, 1, Integer::sum)));
        outputs.forEach(value -> uses.merge(value, 1, Integer::sum));
        return uses;
    }

    private static boolean isStored(Value value) {
        return value.source() == Value.Source.PARAMETER || value.source() == Value.Source.CONSTANT;
    }

    /** Frees the constants; the parameters stay the block's. */
    @Override
    public void close() {
        constants.close();
    }
}
