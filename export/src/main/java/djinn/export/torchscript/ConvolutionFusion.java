package djinn.export.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.Value;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one operation of a convolution, the addition and the activation behind it, and packs its weights as the CPU's
 * kernels want them.
 *
 * <p>The operations are oneDNN's, as the engine has them under {@code ops.mkldnn}: what comes of it runs on the CPU only,
 * on builds of the engine that have oneDNN.
 */
final class ConvolutionFusion {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def pack(weight: Tensor, padding: List[int], stride: List[int], dilation: List[int], groups: int, \
            size: List[int]) -> Tensor:
              return ops.mkldnn._reorder_convolution_weight(weight, padding, stride, dilation, groups, size)
            """);

    private static final int IMAGES = 4;

    private final Graph graph;
    private final Map<Value, Integer> uses;

    /** By every result within, of which only the last is left. */
    private final Map<Value, Chain> chains = new HashMap<>();

    /** Numbers, each of which the operation would allow to be missing. */
    record Scalars(List<Double> numbers) {}

    /** An activation in oneDNN's words. */
    private record Unary(String name, List<Double> scalars, String algorithm) {}

    /** A convolution and what is to be done with its result at once. */
    private static final class Chain {

        private final Node convolution;
        private Node last;
        private Value other;
        private Unary unary;

        Chain(Node convolution) {
            this.convolution = convolution;
            this.last = convolution;
        }
    }

    private ConvolutionFusion(Graph graph) {
        this.graph = graph;
        this.uses = graph.uses();
    }

    /**
     * Fuses what can be fused.
     *
     * @param graph stays as it is
     * @return a graph with fewer operations that is closed with the given one
     * @throws RuntimeException of the engine, if it does not have these operations
     */
    static Graph apply(Graph graph) {
        return new ConvolutionFusion(graph).fused();
    }

    private Graph fused() {
        graph.nodes().forEach(this::extend);
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Chain chain = chains.get(node.result());
            if (chain == null) {
                nodes.add(node);
            } else if (chain.last.result().equals(node.result())) {
                nodes.add(fused(chain));
            }
        }
        return graph.with(nodes, graph.outputs());
    }

    /** Starts a chain or makes the node the last of one. */
    private void extend(Node node) {
        if (startsChain(node)) {
            take(new Chain(node), node);
            return;
        }
        if (node.op().equals("add")
                && node.keywords().isEmpty()
                && node.arguments().size() == 2) {
            for (int i = 0; i < 2; i++) {
                Chain chain = open(node.arguments().get(i));
                if (chain != null
                        && chain.other == null
                        && node.arguments().get(1 - i) instanceof Value other
                        && other.shape().equals(node.result().shape())
                        && other.type() == DataType.FLOAT32) {
                    chain.other = other;
                    take(chain, node);
                    return;
                }
            }
        }
        Unary unary = unary(node);
        Chain chain = unary == null ? null : open(node.arguments().get(0));
        if (chain != null) {
            chain.unary = unary;
            take(chain, node);
        }
    }

    private void take(Chain chain, Node node) {
        chain.last = node;
        chains.put(node.result(), chain);
    }

    /** The chain whose result nothing else uses and that has no activation yet. */
    private Chain open(Object argument) {
        Chain chain = argument instanceof Value value && uses.get(value) == 1 ? chains.get(value) : null;
        return chain == null || chain.unary != null ? null : chain;
    }

    private static boolean startsChain(Node node) {
        return node.op().equals("convolution")
                && !node.flag(6)
                && node.value(0).shape().dimension() == IMAGES
                && node.value(0).type() == DataType.FLOAT32
                && isStored(node.value(1))
                && (node.value(2) == null || isStored(node.value(2)));
    }

    private static boolean isStored(Value value) {
        return value.source() == Value.Source.PARAMETER || value.source() == Value.Source.CONSTANT;
    }

    private static Unary unary(Node node) {
        return switch (node.op()) {
            case "relu", "sigmoid", "tanh", "hardswish", "hardsigmoid" -> new Unary(node.op(), List.of(), null);
            case "silu" -> new Unary("swish", List.of(), null);
            case "relu6" -> new Unary("hardtanh", List.of(0., 6.), null);
            case "hardtanh" ->
                node.arguments().size() == 3
                        ? new Unary("hardtanh", List.of(node.number(1), node.number(2)), null)
                        : null;
            case "leaky_relu" ->
                node.arguments().size() == 2 ? new Unary("leaky_relu", List.of(node.number(1)), null) : null;
            case "gelu" ->
                node.arguments().size() == 1 && node.keywords().isEmpty() ? new Unary("gelu", List.of(), "none") : null;
            default -> null;
        };
    }

    private Node fused(Chain chain) {
        Node convolution = chain.convolution;
        List<Long> stride = convolution.integers(3);
        List<Long> padding = convolution.integers(4);
        List<Long> dilation = convolution.integers(5);
        long groups = convolution.integer(8);
        Value weight = packed(convolution, stride, padding, dilation, groups);
        List<Object> arguments = new ArrayList<>();
        arguments.add(convolution.value(0));
        if (chain.other != null) {
            arguments.add(chain.other);
        }
        arguments.add(weight);
        arguments.add(convolution.value(2));
        arguments.add(padding);
        arguments.add(stride);
        arguments.add(dilation);
        arguments.add(groups);
        Unary unary = chain.unary;
        if (chain.other != null) {
            arguments.add("add");
            arguments.add(1.);
            arguments.add(unary == null ? null : unary.name);
        } else {
            arguments.add(unary == null ? "none" : unary.name);
        }
        arguments.add(new Scalars(unary == null ? List.of() : unary.scalars));
        arguments.add(unary == null ? null : unary.algorithm);
        return new Node(
                "mkldnn._convolution_pointwise", arguments, Map.of(), chain.last.results(), convolution.where());
    }

    private Value packed(Node convolution, List<Long> stride, List<Long> padding, List<Long> dilation, long groups) {
        Value weight = convolution.value(1);
        NDArray packed = SCRIPT.call(
                "pack",
                weight.data(),
                array(padding),
                array(stride),
                array(dilation),
                groups,
                convolution.value(0).shape().getShape());
        packed.attach(graph.constants());
        return new Value(Value.Source.CONSTANT, weight.name(), packed);
    }

    private static long[] array(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
