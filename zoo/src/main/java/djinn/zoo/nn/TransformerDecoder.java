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
        NDArray bias = targetMask.bias();
        for (TransformerDecoderLayer layer : layers) {
            Pass.Layer attending = (in, inside) -> layer.forward(
                    in.get(0),
                    in.get(1),
                    targetMask.withBiasAt(in, 2),
                    memoryMask.withBiasAt(in, bias == null ? 2 : 3),
                    inside);
            x = pass.through(attending, x, memory, bias, memoryMask.bias());
        }
        return norm == null ? x : norm.forward(x, pass);
    }

    /**
     * Computes how much each target attends to each part of the memory in the last layer, the mean of all heads.
     *
     * @param x (N, L, width)
     * @param memory (N, S, width)
     * @param padding of the memory, (N, S), other than zero at padding; null for none
     * @param pass the pass
     * @return (N, L, S), which sum up to 1 over S
     */
    public NDArray attention(NDArray x, NDArray memory, NDArray padding, Pass pass) {
        NDArray weights = null;
        for (TransformerDecoderLayer layer : layers) {
            weights = layer.attention(x, memory, padding, pass);
            x = layer.forward(x, memory, AttentionMask.CAUSAL, AttentionMask.padding(padding), pass);
        }
        return weights;
    }

    /**
     * Returns what is remembered before the first target: keys and values of targets, none yet, and of the memory, each
     * (N, heads, length, width / heads), layer after layer.
     *
     * @param memory (N, S, width)
     * @param pass the pass
     * @return four arrays a layer
     */
    public NDList begin(NDArray memory, Pass pass) {
        NDList state = new NDList();
        for (TransformerDecoderLayer layer : layers) {
            state.addAll(layer.begin(memory, pass));
        }
        return state;
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("expected targets and a memory, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), AttentionMask.CAUSAL, AttentionMask.NONE, pass));
    }
}
