package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.stream.IntStream;

/**
 * Decoder layers one after another, and a last norm: targets (N, L, width) and a memory (N, S, width) to (N, L, width).
 *
 * <p>State, as {@code nn.TransformerDecoder}: {@code layers}, and {@code norm} if there is one.
 */
public final class TransformerDecoder extends NamedBlock {

    private final LayerList<TransformerDecoderLayer> layers;
    private final LayerNorm norm;

    /**
     * A decoder.
     *
     * @param config what the layers vary in
     * @param depth the number of layers
     * @param lastNorm whether the last layer's output is normalised
     */
    public TransformerDecoder(TransformerConfig config, int depth, boolean lastNorm) {
        layers = child(
                "layers",
                new LayerList<>(IntStream.range(0, depth)
                        .mapToObj(i -> new TransformerDecoderLayer(config))
                        .toList()));
        norm = lastNorm ? child("norm", new LayerNorm(config.eps(), config.width())) : null;
    }

    /**
     * Computes the decoder's output.
     *
     * @param x (N, L, width)
     * @param memory (N, S, width)
     * @param targetMask which targets a target sees
     * @param memoryMask which parts of the memory a target sees
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray forward(NDArray x, NDArray memory, AttentionMask targetMask, AttentionMask memoryMask, Pass pass) {
        for (TransformerDecoderLayer layer : layers) {
            x = layer.forward(x, memory, targetMask, memoryMask, pass);
        }
        return norm == null ? x : norm.forward(x, pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("expected targets and a memory, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), AttentionMask.CAUSAL, AttentionMask.NONE, pass));
    }
}
