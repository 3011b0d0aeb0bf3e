package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A step of all layers of a Transformer's decoder in one call, for at one token a call costs more than what it computes. One
 * token of one sequence is a vector in all of it: its operations are fewer and smaller.
 */
final class DecoderSteps {

    /** w: 18 arrays a layer, in the order of its state, and those of the last norm. state: four a layer. */
    private static final String TEXT = StepLinear.TEXT + """
            def norm(x: Tensor, w: List[Tensor], at: int, eps: float) -> Tensor:
              return torch.layer_norm(x, [torch.size(x, -1)], w[at], w[at + 1], eps)

            def split(x: Tensor, parts: int, n: int) -> Tensor:
              heads = torch.mul(parts, n)
              length = torch.floordiv(torch.size(x, -1), heads)
              if torch.eq(torch.dim(x), 1):
                y = torch.view(x, [1, heads, 1, length])
              else:
                y = torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), heads, length]), 1, 2)
              return y

            def joined(y: Tensor, x: Tensor, w: List[Tensor], at: int) -> Tensor:
              if torch.eq(torch.dim(x), 1):
                z = torch.reshape(y, [-1])
              else:
                z = torch.flatten(torch.transpose(y, 1, 2), 2)
              return self.linear(z, w[at], w[at + 1])

            def own(x: Tensor, keys: Tensor, values: Tensor, w: List[Tensor], at: int, n: int, mask: Optional[Tensor]) -> List[Tensor]:
              q, k, v = torch.chunk(self.split(self.linear(x, w[at], w[at + 1]), 3, n), 3, 1)
              k1 = torch.cat([keys, k], 2)
              v1 = torch.cat([values, v], 2)
              y = torch.scaled_dot_product_attention(q, k1, v1, mask, 0., False)
              return [self.joined(y, x, w, at + 2), k1, v1]

            def recalled(x: Tensor, keys: Tensor, values: Tensor, seen: Tensor, w: List[Tensor], at: int, n: int) -> Tensor:
              width = torch.size(x, -1)
              q = self.linear(x, torch.slice(w[at], 0, 0, width), torch.slice(w[at + 1], 0, 0, width))
              return self.joined(torch.scaled_dot_product_attention(self.split(q, 1, n), keys, values, seen, 0., False), x, w, at + 2)

            def transform(x: Tensor, w: List[Tensor], at: int) -> Tensor:
              x1 = self.linear(x, w[at], w[at + 1])
              return self.linear(ACTIVATION, w[at + 2], w[at + 3])

            def layer(x: Tensor, state: List[Tensor], i: int, seen: Tensor, mask: Optional[Tensor], w: List[Tensor], n: int, norm_first: bool, eps: float) -> List[Tensor]:
              s = 4 * i
              at = 18 * i
              if norm_first:
                y, k, v = self.own(self.norm(x, w, at + 12, eps), state[s], state[s + 1], w, at, n, mask)
                x1 = torch.add(x, y)
                x2 = torch.add(x1, self.recalled(self.norm(x1, w, at + 14, eps), state[s + 2], state[s + 3], seen, w, at + 4, n))
                x3 = torch.add(x2, self.transform(self.norm(x2, w, at + 16, eps), w, at + 8))
                results = [x3, k, v]
              else:
                y, k, v = self.own(x, state[s], state[s + 1], w, at, n, mask)
                x1 = self.norm(torch.add(x, y), w, at + 12, eps)
                x2 = self.norm(torch.add(x1, self.recalled(x1, state[s + 2], state[s + 3], seen, w, at + 4, n)), w, at + 14, eps)
                x3 = self.norm(torch.add(x2, self.transform(x2, w, at + 8)), w, at + 16, eps)
                results = [x3, k, v]
              return results

            def go_on(x: Tensor, state: List[Tensor], padding: Tensor, w: List[Tensor], n: int, norm_first: bool, last_norm: bool, eps: float, alone: bool) -> List[Tensor]:
              seen = torch.unsqueeze(torch.eq(padding, 0), 1)
              mask = annotate(Optional[Tensor], None)
              n_l_width = torch.size(x)
              length = torch.size(x, 1)
              if alone:
                x = torch.reshape(x, [-1])
              if length > 1:
                before = torch.ones([length, torch.size(state[0], 2)], dtype=11, device=ops.prim.device(x))
                these = torch.tril(torch.ones([length, length], dtype=11, device=ops.prim.device(x)))
                mask = torch.cat([before, these], 1)
              results = annotate(List[Tensor], [])
              layers = torch.floordiv(torch.len(state), 4)
              for i in range(layers):
                x, k, v = self.layer(x, state, i, seen, mask, w, n, norm_first, eps)
                results0 = torch.append(results, k)
                results1 = torch.append(results, v)
              if last_norm:
                x = self.norm(x, w, 18 * layers, eps)
              results2 = torch.append(results, torch.reshape(x, n_l_width))
              return results
            """;

    private static final Map<Nonlinearity, TorchScript> SCRIPTS = new EnumMap<>(Nonlinearity.class);

    private final TransformerConfig config;
    private final boolean lastNorm;
    private final TorchScript script;

    /**
     * Steps of a decoder.
     *
     * @param config what its layers vary in
     * @param lastNorm whether the last layer's output is normalised
     */
    DecoderSteps(TransformerConfig config, boolean lastNorm) {
        this.config = config;
        this.lastNorm = lastNorm;
        script = script(config.activation());
    }

    private static synchronized TorchScript script(Nonlinearity activation) {
        return SCRIPTS.computeIfAbsent(
                activation, key -> TorchScript.compileUnrecorded(TEXT.replace("ACTIVATION", key.expression("x1"))));
    }

    /**
     * Goes on with targets.
     *
     * @param x (N, L, width)
     * @param state what is remembered, four arrays a layer
     * @param padding of the memory, (N, 1, S), other than zero at padding
     * @param weights the decoder's parameters, in their order
     * @param pass the pass, in evaluation
     * @return (N, L, width), and what is remembered then
     */
    NDList goOn(NDArray x, NDList state, NDArray padding, List<Parameter> weights, Pass pass) {
        NDList w = new NDList(weights.size());
        weights.forEach(weight -> w.add(pass.value(weight, x)));
        boolean alone = x.getShape().get(0) * x.getShape().get(1) == 1 && !(x instanceof TracedArray);
        NDList results = script.callForList(
                "go_on", x, state, padding, w, config.heads(), config.normFirst(), lastNorm, config.eps(), alone);
        NDList after = new NDList(state.size() + 1);
        after.add(results.get(results.size() - 1));
        for (int i = 0; i < state.size(); i += 4) {
            after.add(results.get(i / 2));
            after.add(results.get(i / 2 + 1));
            after.add(state.get(i + 2));
            after.add(state.get(i + 3));
        }
        return after;
    }
}
