package djinn.export.torchscript;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.TraceException;
import djinn.export.trace.Value;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * What a block computes in evaluation, as a single call of the engine that is quicker than the block: batch norms are
 * folded into convolutions, convolutions computed together with the additions and activations behind them, images laid
 * out channels last, weights packed for the CPU, and arrays freed as soon as nothing needs them.
 *
 * <p>It has the weights the block had when it was frozen, packed ones as a copy: later changes of the block do not show.
 * Its results differ from the block's by rounding. Any number of threads may call it at once.
 */
public final class FrozenBlock implements AutoCloseable {

    /** Of the largest output: what folding and fusing may change. */
    private static final double TOLERANCE = 1e-3;

    private static final DynamicAxis BATCH = new DynamicAxis("batch", 0, List.of(2L, 3L));

    private final Graph graph;
    private final TorchScript script;
    private final NDList stored;

    private FrozenBlock(Graph graph, Graph computed) {
        this.graph = graph;
        List<Value> values = List.copyOf(computed.stored());
        stored = new NDList(values.stream().map(Value::data).toList());
        script = TorchScript.compile(graph.constants(), TorchScriptForward.function(computed, values));
    }

    /**
     * Freezes a block.
     *
     * @param block an initialised block of one input
     * @param input its input's shape, such as (1, 3, 224, 224); the first axis may have any size later
     * @return what it computes, to be closed
     * @throws TraceException if the block does what a trace cannot hold; it is then to be called itself
     */
    public static FrozenBlock of(Block block, Shape input) {
        try (NDManager manager = PyTorch.newManager()) {
            NDList example = new NDList(manager.randomNormal(input));
            Graph graph = DynamicTrace.trace(block, example, List.of(BATCH));
            try {
                Graph folded = BatchNormFolding.apply(graph);
                FrozenBlock plain = new FrozenBlock(graph, folded);
                FrozenBlock fused = fused(graph, folded);
                return fused != null && fused.agreesWith(plain, example) ? fused : plain;
            } catch (RuntimeException e) {
                graph.close();
                throw e;
            }
        }
    }

    /** Null where the engine lacks the operations. */
    private static FrozenBlock fused(Graph graph, Graph folded) {
        try {
            return new FrozenBlock(graph, ConvolutionFusion.apply(folded));
        } catch (EngineException | IllegalArgumentException e) {
            return null;
        }
    }

    private boolean agreesWith(FrozenBlock plain, NDList example) {
        try {
            NDList own = forward(example);
            NDList other = plain.forward(example);
            for (int i = 0; i < own.size(); i++) {
                NDArray expected = other.get(i);
                if (!own.get(i).getShape().equals(expected.getShape())) {
                    return false;
                }
                double largest = expected.abs().max().getFloat();
                double difference = own.get(i).sub(expected).abs().max().getFloat();
                if (!(difference <= TOLERANCE * largest)) {
                    return false;
                }
            }
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    /**
     * Computes the outputs.
     *
     * @param inputs the input; may have any first extent, and the others of the example
     * @return the outputs, owned by the input's manager
     */
    public NDList forward(NDList inputs) {
        Object[] arguments = new Object[inputs.size() + 1];
        inputs.toArray(arguments);
        arguments[inputs.size()] = stored;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return script.callForList("forward", arguments);
        }
    }

    /** Frees the packed weights; calls afterwards fail. */
    @Override
    public void close() {
        graph.close();
    }
}
