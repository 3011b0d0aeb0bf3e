package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Dropout;

/** What heads compute of projected queries, keys and values where nobody sees what comes later; no parameters. */
final class CausalHeads {

    // where a bias learns, the engine's own attention takes another way, of other last digits, when nothing is recorded
    private static final TorchScript SCRIPT = TorchScript.compileForProcess(Dropout.TEXT + """
            def heads(qkv: Tensor, n: int) -> Tensor:
              n3 = torch.mul(n, 3)
              return torch.transpose(torch.reshape(qkv, [torch.size(qkv, 0), torch.size(qkv, 1), n3, torch.floordiv(torch.size(qkv, 2), n3)]), 1, 2)

            def attend(qkv: Tensor, bias: Tensor, n: int, scale: float, lowest: float, dropout: float) -> Tensor:
              q, k, v = torch.chunk(self.heads(qkv, n), 3, 1)
              later = torch.triu(torch.ones_like(torch.select(torch.select(bias, 0, 0), 0, 0), dtype=11), 1)
              scores = torch.matmul(torch.mul(q, scale), torch.transpose(k, 2, 3))
              weights = torch.softmax(torch.add(scores, torch.masked_fill(bias, later, lowest)), 3)
              if dropout > 0.:
                weights = self.dropped(weights, dropout)
              y = torch.matmul(weights, v)
              return torch.flatten(torch.transpose(y, 1, 2), 2)

            def go_on(qkv: Tensor, keys: Tensor, values: Tensor, bias: Optional[Tensor], n: int, lowest: float) -> List[Tensor]:
              q, k, v = torch.chunk(self.heads(qkv, n), 3, 1)
              k1 = torch.cat([keys, k], 2)
              v1 = torch.cat([values, v], 2)
              length = torch.size(qkv, 1)
              before = torch.ones([length, torch.size(keys, 2)], dtype=11, device=ops.prim.device(qkv))
              own = torch.tril(torch.ones([length, length], dtype=11, device=ops.prim.device(qkv)))
              mask = torch.cat([before, own], 1)
              if bias is not None:
                mask = torch.masked_fill(unchecked_cast(Tensor, bias), torch.logical_not(mask), lowest)
              y = torch.scaled_dot_product_attention(q, k1, v1, mask, 0., False)
              return [torch.flatten(torch.transpose(y, 1, 2), 2), k1, v1]
            """);

    private CausalHeads() {}

    /**
     * Attends.
     *
     * @param projected queries, keys and values side by side, (N, T, 3 D)
     * @param bias of the scores, (1, heads, T, T)
     * @param heads how many
     * @param dropout the share of attention weights dropped
     * @return (N, T, D)
     */
    static NDArray attend(NDArray projected, NDArray bias, int heads, double dropout) {
        double scale = 1 / Math.sqrt(projected.getShape().get(2) / (3. * heads));
        return SCRIPT.call("attend", projected, bias, heads, scale, Double.NEGATIVE_INFINITY, dropout);
    }

    /**
     * Goes on.
     *
     * @param projected queries, keys and values side by side, (N, T, 3 D)
     * @param keys of those before, (N, heads, P, D / heads)
     * @param values of those before
     * @param bias of the scores, (1, heads, T, P + T); null for none
     * @param heads how many
     * @return (N, T, D), and the keys and values with those of these
     */
    static NDList goOn(NDArray projected, NDArray keys, NDArray values, NDArray bias, int heads) {
        return SCRIPT.callForList("go_on", projected, keys, values, bias, heads, Double.NEGATIVE_INFINITY);
    }
}
