package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.ops.HeldArrays;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Pass;
import java.util.List;

/**
 * A step of a {@link Gpt} of learned positions in one call, for at one token a call costs more than what it computes. One token
 * of one sequence is a vector in all of it: its operations are fewer and smaller.
 */
final class GptSteps {

    /** w: both embeddings, 12 arrays a layer, the last norm's and the head, in the order of the model's state. */
    private static final TorchScript SCRIPT = TorchScript.compileUnrecorded(StepScript.TEXT + """
            def layer(x: Tensor, keys: Tensor, values: Tensor, w: List[Tensor], at: int, n: int, mask: Optional[Tensor], gelu: str) -> List[Tensor]:
              width = torch.size(x, -1)
              y = torch.layer_norm(x, [width], w[at], w[at + 1], 1.0e-05)
              y, k, v = self.own(self.linear(y, w[at + 2], w[at + 3]), keys, values, n, mask)
              x1 = torch.add(x, self.linear(y, w[at + 4], w[at + 5]))
              y = self.linear(torch.layer_norm(x1, [width], w[at + 6], w[at + 7], 1.0e-05), w[at + 8], w[at + 9])
              y = self.linear(torch.gelu(y, approximate=gelu), w[at + 10], w[at + 11])
              return [torch.add(x1, y), k, v]

            def step(tokens: Tensor, state: List[Tensor], w: List[Tensor], gelu: str, alone: bool) -> List[Tensor]:
              n = torch.size(state[0], 1)
              length = torch.size(tokens, 1)
              before = torch.size(state[0], 2)
              positions = torch.slice(torch.slice(w[1], 0, before), 0, 0, length)
              x = torch.add(torch.embedding(w[0], tokens), positions)
              if alone:
                x = torch.reshape(x, [-1])
              mask = self.earlier(length, before, x)
              results = annotate(List[Tensor], [])
              layers = torch.floordiv(torch.len(state), 2)
              for i in range(layers):
                x, k, v = self.layer(x, state[2 * i], state[2 * i + 1], w, 2 + 12 * i, n, mask, gelu)
                results0 = torch.append(results, k)
                results1 = torch.append(results, v)
              at = 2 + 12 * layers
              width = torch.size(x, -1)
              last = torch.select(torch.reshape(x, [torch.size(tokens, 0), length, width]), 1, -1)
              y = torch.layer_norm(last, [width], w[at], w[at + 1], 1.0e-05)
              results2 = torch.append(results, torch.linear(y, w[at + 2]))
              return results
            """);

    private final Gpt.Config config;
    /** An {@link NDList}, or {@link HeldArrays} of it. */
    private final Object weights;

    private GptSteps(Gpt.Config config, Object weights) {
        this.config = config;
        this.weights = weights;
    }

    /** Steps with a model's weights, which are looked up once; of no traced arrays. */
    static GptSteps of(Gpt.Config config, List<Parameter> weights, NDManager owner, Pass pass) {
        try (NDArray like = owner.zeros(new Shape(0))) {
            return new GptSteps(config, new HeldArrays(owner, pass.values(weights, like)));
        }
    }

    /**
     * Reads on.
     *
     * @param tokens (N, T)
     * @param state keys and values of each layer
     * @param weights the model's, in their order, and the head's last
     * @param config the model's
     * @param pass the pass, in evaluation
     * @return the logits (N, K) of what follows the last token, and what is remembered then
     */
    static TokenDecoder.Step step(NDArray tokens, NDList state, List<Parameter> weights, Gpt.Config config, Pass pass) {
        return new GptSteps(config, pass.values(weights, tokens)).step(tokens, state);
    }

    /** As {@link TokenDecoder#step}. */
    TokenDecoder.Step step(NDArray tokens, NDList state) {
        String gelu = config.activation() == Gpt.Activation.GELU_TANH ? "tanh" : "none";
        NDList results = SCRIPT.callForList("step", tokens, state, weights, gelu, StepScript.alone(tokens));
        NDArray logits = results.remove(results.size() - 1);
        return new TokenDecoder.Step(logits, results);
    }
}
