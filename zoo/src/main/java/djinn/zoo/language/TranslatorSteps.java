package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.ops.HeldArrays;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.SinusoidalPositions;
import djinn.zoo.nn.TransformerConfig;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A step of a {@link Transformer.Translator} in one call, for at one token a call costs more than what it computes. One token of
 * one sequence is a vector in all of it: its operations are fewer and smaller.
 */
final class TranslatorSteps {

    /** w: the embedding, 18 arrays a layer of the decoder and its last norm's, in the order of their state, and the waves. */
    private static final String TEXT = StepScript.TEXT + SinusoidalPositions.TEXT + """
            def norm(x: Tensor, w: List[Tensor], at: int, eps: float) -> Tensor:
              return torch.layer_norm(x, [torch.size(x, -1)], w[at], w[at + 1], eps)

            def recalled(x: Tensor, keys: Tensor, values: Tensor, seen: Tensor, w: List[Tensor], at: int, n: int) -> Tensor:
              width = torch.size(x, -1)
              q = self.linear(x, torch.slice(w[at], 0, 0, width), torch.slice(w[at + 1], 0, 0, width))
              y = torch.scaled_dot_product_attention(self.split(q, 1, n), keys, values, seen, 0., False)
              return self.linear(self.joined(y, torch.eq(torch.dim(x), 1)), w[at + 2], w[at + 3])

            def transform(x: Tensor, w: List[Tensor], at: int) -> Tensor:
              x1 = self.linear(x, w[at], w[at + 1])
              return self.linear(ACTIVATION, w[at + 2], w[at + 3])

            def layer(x: Tensor, state: List[Tensor], i: int, seen: Tensor, mask: Optional[Tensor], w: List[Tensor], n: int, norm_first: bool, eps: float) -> List[Tensor]:
              s = 1 + 4 * i
              at = 1 + 18 * i
              if norm_first:
                qkv = self.linear(self.norm(x, w, at + 12, eps), w[at], w[at + 1])
                y, k, v = self.own(qkv, state[s], state[s + 1], n, mask)
                x1 = torch.add(x, self.linear(y, w[at + 2], w[at + 3]))
                x2 = torch.add(x1, self.recalled(self.norm(x1, w, at + 14, eps), state[s + 2], state[s + 3], seen, w, at + 4, n))
                x3 = torch.add(x2, self.transform(self.norm(x2, w, at + 16, eps), w, at + 8))
                results = [x3, k, v]
              else:
                y, k, v = self.own(self.linear(x, w[at], w[at + 1]), state[s], state[s + 1], n, mask)
                x1 = self.norm(torch.add(x, self.linear(y, w[at + 2], w[at + 3])), w, at + 12, eps)
                x2 = self.norm(torch.add(x1, self.recalled(x1, state[s + 2], state[s + 3], seen, w, at + 4, n)), w, at + 14, eps)
                x3 = self.norm(torch.add(x2, self.transform(x2, w, at + 8)), w, at + 16, eps)
                results = [x3, k, v]
              return results

            def step(tokens: Tensor, state: List[Tensor], w: List[Tensor], norm_first: bool, eps: float, scale: float, alone: bool) -> List[Tensor]:
              n = torch.size(state[1], 1)
              before = torch.size(state[1], 2)
              length = torch.size(tokens, 1)
              seen = torch.unsqueeze(torch.eq(state[0], 0), 1)
              last = torch.len(w) - 1
              x = self.waves(torch.mul(torch.embedding(w[0], tokens), scale), w[last], before)
              width = torch.size(x, -1)
              if alone:
                x = torch.reshape(x, [-1])
              mask = self.earlier(length, before, x)
              results = annotate(List[Tensor], [])
              layers = torch.floordiv(torch.len(state), 4)
              for i in range(layers):
                x, k, v = self.layer(x, state, i, seen, mask, w, n, norm_first, eps)
                results0 = torch.append(results, k)
                results1 = torch.append(results, v)
              y = torch.select(torch.reshape(x, [torch.size(tokens, 0), length, width]), 1, -1)
              results2 = torch.append(results, torch.linear(self.norm(y, w, last - 2, eps), w[0]))
              return results
            """;

    private static final Map<Nonlinearity, TorchScript> SCRIPTS = new EnumMap<>(Nonlinearity.class);

    private final TransformerConfig config;
    private final TorchScript script;
    /** An {@link NDList}, or {@link HeldArrays} of it. */
    private final Object weights;

    private TranslatorSteps(TransformerConfig config, Object weights) {
        this.config = config;
        this.weights = weights;
        script = script(config.activation());
    }

    /** Steps with a model's weights, which are looked up once; of no traced arrays. */
    static TranslatorSteps of(TransformerConfig config, List<Parameter> weights, NDManager owner, Pass pass) {
        try (NDArray like = owner.zeros(new Shape(0))) {
            return new TranslatorSteps(config, new HeldArrays(owner, values(config, weights, like, pass)));
        }
    }

    /**
     * Reads on.
     *
     * @param tokens (N, T)
     * @param state the padding of the memory, (N, 1, S), other than zero at padding, and keys and values of targets and of the
     *     memory, of each layer
     * @param weights the embedding's, the decoder's layers' and its last norm's, in their order
     * @param config what the layers vary in
     * @param pass the pass, in evaluation
     * @return the logits (N, K) of what follows the last token, and what is remembered then
     */
    static TokenDecoder.Step step(
            NDArray tokens, NDList state, List<Parameter> weights, TransformerConfig config, Pass pass) {
        return new TranslatorSteps(config, values(config, weights, tokens, pass)).step(tokens, state);
    }

    private static NDList values(TransformerConfig config, List<Parameter> weights, NDArray data, Pass pass) {
        NDList values = pass.values(weights, data);
        values.add(SinusoidalPositions.frequencies(data.getManager(), config.width()));
        return values;
    }

    private static synchronized TorchScript script(Nonlinearity activation) {
        return SCRIPTS.computeIfAbsent(
                activation, key -> TorchScript.compileUnrecorded(TEXT.replace("ACTIVATION", key.expression("x1"))));
    }

    /** As {@link TokenDecoder#step}. */
    TokenDecoder.Step step(NDArray tokens, NDList state) {
        double scale = Math.sqrt((double) config.width());
        NDList results = script.callForList(
                "step", tokens, state, weights, config.normFirst(), config.eps(), scale, StepScript.alone(tokens));
        NDList after = new NDList(state.size());
        after.add(state.get(0));
        for (int i = 1; i < state.size(); i += 4) {
            after.add(results.get(i / 2));
            after.add(results.get(i / 2 + 1));
            after.add(state.get(i + 2));
            after.add(state.get(i + 3));
        }
        return new TokenDecoder.Step(results.get(results.size() - 1), after);
    }
}
