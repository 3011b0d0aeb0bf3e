package djinn.export.trace;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a block consists of and costs, found by tracing it.
 *
 * @param inputs the shapes it was given
 * @param outputs the shapes it answers
 * @param layers its operations in order, but for those that only arrange elements anew
 * @param parameters the number of trained values
 * @param buffers the number of values kept but not trained, such as running means
 * @param macs the multiply-adds of convolutions and matrix products for this input
 */
public record Summary(
        List<Shape> inputs, List<Shape> outputs, List<Layer> layers, long parameters, long buffers, long macs) {

    /** Operations that compute nothing. */
    private static final Set<String> PLUMBING = Stream.concat(
                    Recorder.VIEWS.stream(), Stream.of("to", "zeros", "ones", "arange", "zeros_like", "ones_like"))
            .collect(Collectors.toUnmodifiableSet());

    /** The names DJL's own blocks give: 01Conv2d_weight. */
    private static final Pattern DJL_NAME = Pattern.compile("\\d\\d\\w+_\\w+");

    /** Keeps copies. */
    public Summary {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        layers = List.copyOf(layers);
    }

    /**
     * An operation.
     *
     * @param name where its parameters are, such as {@code features.0}; empty if it has none
     * @param op what it is, as ATen calls it
     * @param output the shape it answers, of several the first
     * @param parameters the trained values it is the first to use
     * @param macs its multiply-adds
     * @param field what it sees of an input image; empty if the input is none
     */
    public record Layer(
            String name, String op, Shape output, long parameters, long macs, Optional<ReceptiveField> field) {}

    /**
     * Traces a block on zeros.
     *
     * @param block an initialised block
     * @param inputs the shapes to give it, batch first
     * @return the summary
     * @throws TraceException if the block does what a trace cannot hold
     */
    public static Summary of(Block block, Shape... inputs) {
        try (NDManager manager = PyTorch.newManager()) {
            NDList zeros = new NDList();
            for (Shape shape : inputs) {
                zeros.add(manager.zeros(shape));
            }
            try (Graph graph = Tracer.trace(block, zeros)) {
                return of(block, graph);
            }
        }
    }

    /**
     * Sums up a trace.
     *
     * @param block the block
     * @param graph its trace
     * @return the summary
     */
    public static Summary of(Block block, Graph graph) {
        Map<String, Long> trained = new HashMap<>();
        long parameters = 0;
        long buffers = 0;
        Set<Parameter> counted = new HashSet<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            long size = entry.getValue().getShape().size();
            boolean first = counted.add(entry.getValue());
            if (first && entry.getValue().requiresGradient()) {
                trained.put(entry.getKey(), size);
                parameters += size;
            } else if (first) {
                buffers += size;
            }
        }
        Map<Value, ReceptiveField> fields = ReceptiveField.of(graph);
        List<Layer> layers = new ArrayList<>();
        long macs = 0;
        for (Node node : graph.nodes()) {
            long own = 0;
            String name = "";
            for (Value input : node.inputs()) {
                if (input.source() == Value.Source.PARAMETER) {
                    Long size = trained.remove(input.name());
                    own += size == null ? 0 : size;
                    name = name.isEmpty() ? layerOf(input.name()) : name;
                }
            }
            long cost = Macs.of(node);
            macs += cost;
            if (own > 0 || cost > 0 || !PLUMBING.contains(node.op())) {
                layers.add(new Layer(
                        name,
                        node.op(),
                        node.result().shape(),
                        own,
                        cost,
                        Optional.ofNullable(fields.get(node.result()))));
            }
        }
        return new Summary(
                graph.inputs().stream().map(Value::shape).toList(),
                graph.outputs().stream().map(Value::shape).toList(),
                layers,
                parameters,
                buffers,
                macs);
    }

    /** The part of a parameter's name that is its layer's. */
    private static String layerOf(String parameter) {
        int end = parameter.lastIndexOf(DJL_NAME.matcher(parameter).matches() ? '_' : '.');
        return end < 0 ? "" : parameter.substring(0, end);
    }
}
