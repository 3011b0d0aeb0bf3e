package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.training.initializer.XavierInitializer;

/**
 * Self-attention and two linear layers, each in a residual branch with dropout (Vaswani et al. 2017, figure 1, left):
 * (N, L, width), the shape stays.
 *
 * <p>State, as {@code nn.TransformerEncoderLayer}: {@code self_attn}, {@code linear1}, {@code linear2}, {@code norm1},
 * {@code norm2}. Linear weights start Xavier uniform, biases at zero.
 */
public final class TransformerEncoderLayer extends ArrayBlock {

    private final TransformerConfig config;
    private final MultiheadAttention selfAttention;
    private final Linear linear1;
    private final Linear linear2;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Dropout dropout;

    /**
     * An encoder layer.
     *
     * @param config what varies
     */
    public TransformerEncoderLayer(TransformerConfig config) {
        this.config = config;
        int width = config.width();
        selfAttention = child("self_attn", new MultiheadAttention(width, config.heads(), config.dropout()));
        linear1 = child("linear1", new Linear(width, config.hidden(), true, new XavierInitializer()));
        linear2 = child("linear2", new Linear(config.hidden(), width, true, new XavierInitializer()));
        norm1 = child("norm1", new LayerNorm(config.eps(), width));
        norm2 = child("norm2", new LayerNorm(config.eps(), width));
        dropout = child("dropout", new Dropout(config.dropout()));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return forward(x, AttentionMask.NONE, pass);
    }

    /**
     * Computes the layer's output.
     *
     * @param x (N, L, width)
     * @param mask who sees what
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
        if (config.normFirst()) {
            x = x.add(attend(norm1.forward(x, pass), mask, pass));
            return x.add(transform(norm2.forward(x, pass), pass));
        }
        x = norm1.forward(x.add(attend(x, mask, pass)), pass);
        return norm2.forward(x.add(transform(x, pass)), pass);
    }

    private NDArray attend(NDArray x, AttentionMask mask, Pass pass) {
        return dropout.forward(selfAttention.forward(x, x, x, mask, pass), pass);
    }

    private NDArray transform(NDArray x, Pass pass) {
        x = dropout.forward(config.activation().apply(linear1.forward(x, pass)), pass);
        return dropout.forward(linear2.forward(x, pass), pass);
    }
}
