package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;

/**
 * A learned bias of attention scores for each head and distance, distances beyond the farthest counting as the farthest
 * (the clipping of Shaw et al. 2018, the scalar form of Raffel et al. 2020).
 *
 * <p>State: {@code weight} (2 farthest + 1, heads); row farthest + s - l is for position s seen from l. Starts at zero.
 * The result is the bias of an {@link AttentionMask}.
 */
public final class RelativePositions extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def bias(weight: Tensor, queries: int, keys: int, farthest: int) -> Tensor:
          s = torch.arange(keys, dtype=4, device=ops.prim.device(weight))
          l = torch.unsqueeze(torch.arange(queries, dtype=4, device=ops.prim.device(weight)), 1)
          row = torch.add(torch.clamp(torch.sub(s, l), -farthest, farthest), farthest)
          return torch.unsqueeze(torch.permute(torch.embedding(weight, row), [2, 0, 1]), 0)

        def bias_behind(weight: Tensor, x: Tensor, keys: Tensor, farthest: int) -> Tensor:
          length = torch.size(x, 1)
          before = torch.arange(torch.size(keys, 2), dtype=4, device=ops.prim.device(weight))
          own = torch.add(torch.arange(length, dtype=4, device=ops.prim.device(weight)), torch.size(keys, 2))
          s = torch.cat([before, own], 0)
          row = torch.add(torch.clamp(torch.sub(s, torch.unsqueeze(own, 1)), -farthest, farthest), farthest)
          return torch.unsqueeze(torch.permute(torch.embedding(weight, row), [2, 0, 1]), 0)
        """);

    private final int farthest;
    private final Parameter weight;

    /**
     * Relative positions.
     *
     * @param heads the number of attention heads
     * @param farthest the greatest distance told apart, at least 1
     * @throws IllegalArgumentException if either is below 1
     */
    public RelativePositions(int heads, int farthest) {
        if (heads < 1 || farthest < 1) {
            throw new IllegalArgumentException(
                    "expected heads and a distance of at least 1, got " + heads + " and " + farthest);
        }
        this.farthest = farthest;
        weight = parameter("weight", Parameter.Type.WEIGHT, Initializer.ZEROS, 2L * farthest + 1, heads);
    }

    /**
     * Computes the bias.
     *
     * @param queries (N, L, d), for its length and device
     * @param keys (N, S, d), for its length
     * @param pass the pass
     * @return (1, heads, L, S)
     */
    public NDArray forward(NDArray queries, NDArray keys, Pass pass) {
        NDArray table = pass.value(weight, queries);
        return Pass.freedWith(
                SCRIPT.call(
                        "bias",
                        table,
                        queries.getShape().get(1),
                        keys.getShape().get(1),
                        farthest),
                queries);
    }

    /**
     * Computes the bias of queries that come behind keys which are remembered, and are keys themselves.
     *
     * @param x (N, L, d), the queries
     * @param keys those before, (N, heads, P, d / heads)
     * @param pass the pass
     * @return (1, heads, L, P + L)
     */
    public NDArray forwardBehind(NDArray x, NDArray keys, Pass pass) {
        return Pass.freedWith(SCRIPT.call("bias_behind", pass.value(weight, x), x, keys, farthest), x);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("expected queries and keys, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), pass));
    }
}
