package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.XavierInitializer;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Self-attention, attention to a memory and two linear layers, each in a residual branch with dropout (Vaswani et al.
 * 2017, figure 1, right): targets (N, L, width) and a memory (N, S, width) to (N, L, width).
 *
 * <p>State, as {@code nn.TransformerDecoderLayer}: {@code self_attn}, {@code multihead_attn}, {@code linear1}, {@code
 * linear2}, {@code norm1}, {@code norm2}, {@code norm3}. Linear weights start Xavier uniform, biases at zero.
 */
public final class TransformerDecoderLayer extends NamedBlock {

    /** A step in two calls, for at one token a call costs more than what it computes. w: the state in its order. */
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def norm(x: Tensor, w: List[Tensor], at: int, eps: float) -> Tensor:
              return torch.layer_norm(x, [torch.size(x, 2)], w[at], w[at + 1], eps)

            def split(x: Tensor, parts: int, n: int) -> Tensor:
              heads = torch.mul(parts, n)
              return torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), heads, torch.floordiv(torch.size(x, 2), heads)]), 1, 2)

            def joined(x: Tensor, w: List[Tensor], at: int) -> Tensor:
              return torch.linear(torch.flatten(torch.transpose(x, 1, 2), 2), w[at], w[at + 1])

            def own(x: Tensor, keys: Tensor, values: Tensor, w: List[Tensor], n: int) -> List[Tensor]:
              q, k, v = torch.chunk(self.split(torch.linear(x, w[0], w[1]), 3, n), 3, 1)
              k1 = torch.cat([keys, k], 2)
              v1 = torch.cat([values, v], 2)
              mask = annotate(Optional[Tensor], None)
              length = torch.size(x, 1)
              if length > 1:
                before = torch.ones([length, torch.size(keys, 2)], dtype=11, device=ops.prim.device(x))
                these = torch.tril(torch.ones([length, length], dtype=11, device=ops.prim.device(x)))
                mask = torch.cat([before, these], 1)
              y = torch.scaled_dot_product_attention(q, k1, v1, mask, 0., False)
              return [self.joined(y, w, 2), k1, v1]

            def recalled(x: Tensor, keys: Tensor, values: Tensor, seen: Tensor, w: List[Tensor], n: int) -> Tensor:
              width = torch.size(x, 2)
              q = torch.linear(x, torch.slice(w[4], 0, 0, width), torch.slice(w[5], 0, 0, width))
              return self.joined(torch.scaled_dot_product_attention(self.split(q, 1, n), keys, values, seen, 0., False), w, 6)

            def attend(x: Tensor, keys: Tensor, values: Tensor, memory_keys: Tensor, memory_values: Tensor, padding: Tensor, w: List[Tensor], n: int, norm_first: bool, eps: float) -> List[Tensor]:
              seen = torch.unsqueeze(torch.eq(padding, 0), 1)
              if norm_first:
                y, k, v = self.own(self.norm(x, w, 12, eps), keys, values, w, n)
                x1 = torch.add(x, y)
                x2 = torch.add(x1, self.recalled(self.norm(x1, w, 14, eps), memory_keys, memory_values, seen, w, n))
                hidden = torch.linear(self.norm(x2, w, 16, eps), w[8], w[9])
                results = [x2, hidden, k, v]
              else:
                y, k, v = self.own(x, keys, values, w, n)
                x1 = self.norm(torch.add(x, y), w, 12, eps)
                x2 = self.norm(torch.add(x1, self.recalled(x1, memory_keys, memory_values, seen, w, n)), w, 14, eps)
                results = [x2, torch.linear(x2, w[8], w[9]), k, v]
              return results

            def transform(x: Tensor, hidden: Tensor, w: List[Tensor], norm_first: bool, eps: float) -> Tensor:
              y = torch.add(x, torch.linear(hidden, w[10], w[11]))
              if norm_first:
                z = y
              else:
                z = self.norm(y, w, 16, eps)
              return z
            """);

    private final TransformerConfig config;
    private final MultiheadAttention selfAttention;
    private final MultiheadAttention memoryAttention;
    private final Linear linear1;
    private final Linear linear2;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Dropout dropout;
    /** In the order of the script. */
    private final List<Parameter> weights;

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
        weights = List.copyOf(getParameters().values());
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

    /**
     * Goes on with targets.
     *
     * @param x (N, L, width)
     * @param state what is remembered, as of {@link #begin}
     * @param padding of the memory, (N, 1, S), other than zero at padding
     * @param pass the pass, in evaluation
     * @return (N, L, width), and what is remembered then
     */
    NDList goOn(NDArray x, NDList state, NDArray padding, Pass pass) {
        NDArray keys = state.get(2);
        NDArray values = state.get(3);
        NDList w = new NDList(weights.size());
        weights.forEach(weight -> w.add(pass.value(weight, x)));
        NDList attended = SCRIPT.callForList(
                "attend",
                x,
                state.get(0),
                state.get(1),
                keys,
                values,
                padding,
                w,
                config.heads(),
                config.normFirst(),
                config.eps());
        NDArray hidden = config.activation().apply(attended.get(1));
        NDArray y = SCRIPT.call("transform", attended.get(0), hidden, w, config.normFirst(), config.eps());
        return new NDList(y, attended.get(2), attended.get(3), keys, values);
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
