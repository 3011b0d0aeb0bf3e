package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.initializer.XavierInitializer;

/**
 * Self-attention, attention to a memory and two linear layers, each in a residual branch with dropout (Vaswani et al.
 * 2017, figure 1, right): targets (N, L, width) and a memory (N, S, width) to (N, L, width).
 *
 * <p>State, as {@code nn.TransformerDecoderLayer}: {@code self_attn}, {@code multihead_attn}, {@code linear1}, {@code
 * linear2}, {@code norm1}, {@code norm2}, {@code norm3}. Linear weights start Xavier uniform, biases at zero.
 */
public final class TransformerDecoderLayer extends NamedBlock {

    private final TransformerConfig config;
    private final MultiheadAttention selfAttention;
    private final MultiheadAttention memoryAttention;
    private final Linear linear1;
    private final Linear linear2;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Dropout dropout;

    /**
     * A decoder layer.
     *
     * @param config what varies
     */
    public TransformerDecoderLayer(TransformerConfig config) {
        this.config = config;
        int width = config.width();
        selfAttention = child("self_attn", new MultiheadAttention(width, config.heads(), config.dropout()));
        memoryAttention = child("multihead_attn", new MultiheadAttention(width, config.heads(), config.dropout()));
        linear1 = child("linear1", new Linear(width, config.hidden(), true, new XavierInitializer()));
        linear2 = child("linear2", new Linear(config.hidden(), width, true, new XavierInitializer()));
        norm1 = child("norm1", new LayerNorm(config.eps(), width));
        norm2 = child("norm2", new LayerNorm(config.eps(), width));
        norm3 = child("norm3", new LayerNorm(config.eps(), width));
        dropout = child("dropout", new Dropout(config.dropout()));
    }

    /**
     * Computes the layer's output.
     *
     * @param x (N, L, width)
     * @param memory (N, S, width)
     * @param targetMask which targets a target sees
     * @param memoryMask which parts of the memory a target sees
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray forward(NDArray x, NDArray memory, AttentionMask targetMask, AttentionMask memoryMask, Pass pass) {
        if (config.normFirst()) {
            NDArray y = norm1.forward(x, pass);
            x = x.add(attend(selfAttention, y, y, targetMask, pass));
            x = x.add(attend(memoryAttention, norm2.forward(x, pass), memory, memoryMask, pass));
            return x.add(transform(norm3.forward(x, pass), pass));
        }
        x = norm1.forward(x.add(attend(selfAttention, x, x, targetMask, pass)), pass);
        x = norm2.forward(x.add(attend(memoryAttention, x, memory, memoryMask, pass)), pass);
        return norm3.forward(x.add(transform(x, pass)), pass);
    }

    /** How much each target attends to each part of the memory, the mean of all heads: (N, L, S). */
    NDArray attention(NDArray x, NDArray memory, NDArray padding, Pass pass) {
        NDArray query;
        if (config.normFirst()) {
            NDArray y = norm1.forward(x, pass);
            query = norm2.forward(x.add(attend(selfAttention, y, y, AttentionMask.CAUSAL, pass)), pass);
        } else {
            query = norm1.forward(x.add(attend(selfAttention, x, x, AttentionMask.CAUSAL, pass)), pass);
        }
        return memoryAttention.weights(query, memory, padding, pass);
    }

    /**
     * What is remembered of nothing read but a memory.
     *
     * @param memory (N, S, width)
     * @param pass the pass
     * @return keys and values of targets, none yet, and of the memory
     */
    NDList begin(NDArray memory, Pass pass) {
        NDManager owner = memory.getManager();
        long sequences = memory.getShape().get(0);
        NDList state = new NDList(selfAttention.nothing(owner, sequences), selfAttention.nothing(owner, sequences));
        state.addAll(memoryAttention.keysAndValues(memory, pass));
        return state;
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("expected targets and a memory, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), AttentionMask.CAUSAL, AttentionMask.NONE, pass));
    }

    private NDArray attend(MultiheadAttention attention, NDArray x, NDArray to, AttentionMask mask, Pass pass) {
        return dropout.forward(attention.forward(x, to, to, mask, pass), pass);
    }

    private NDArray transform(NDArray x, Pass pass) {
        x = dropout.forward(config.activation().apply(linear1.forward(x, pass)), pass);
        return dropout.forward(linear2.forward(x, pass), pass);
    }
}
