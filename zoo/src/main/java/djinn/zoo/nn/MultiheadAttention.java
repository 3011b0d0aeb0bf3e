package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;
import djinn.ops.Bfloat16;
import djinn.ops.TorchScript;

/**
 * Attention in several heads (Vaswani et al. 2017, section 3.2): queries (N, L, width) and keys and values (N, S,
 * width) to (N, L, width).
 *
 * <p>State, as {@code nn.MultiheadAttention}: {@code in_proj_weight} (3 width, width) and {@code in_proj_bias} (3
 * width), the projections of queries, keys and values one below the other, and {@code out_proj}. A query that may see
 * nothing at all gets zeros before the output projection, where PyTorch's fused path does too and its plain one gives
 * NaN.
 */
public final class MultiheadAttention extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess(Dropout.TEXT + """
        def heads(x: Tensor, n: int) -> Tensor:
          return torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), n, torch.floordiv(torch.size(x, 2), n)]), 1, 2)

        def attend(q: Tensor, k: Tensor, v: Tensor, weight: Tensor, bias: Tensor, n: int, causal: bool, padding: Optional[Tensor], scores: Optional[Tensor], lowest: float, dropout: float) -> Tensor:
          wq, wk, wv = torch.unbind(torch.reshape(weight, [3, -1, torch.size(weight, 1)]), 0)
          bq, bk, bv = torch.unbind(torch.reshape(bias, [3, -1]), 0)
          return self.attended(torch.linear(q, wq, bq), torch.linear(k, wk, bk), torch.linear(v, wv, bv), n, causal, padding, scores, lowest, dropout)

        def parts(x: Tensor, count: int) -> List[Tensor]:
          return torch.chunk(x, count, -1)

        def rows(x: Tensor, start: int, end: int) -> Tensor:
          return torch.slice(x, 0, start, end)

        def attended(q: Tensor, k: Tensor, v: Tensor, n: int, causal: bool, padding: Optional[Tensor], scores: Optional[Tensor], lowest: float, dropout: float) -> Tensor:
          hq = self.heads(q, n)
          hk = self.heads(k, n)
          hv = self.heads(v, n)
          if padding is None and scores is None and torch.eq(dropout, 0.):
            y = torch.scaled_dot_product_attention(hq, hk, hv, None, 0., causal)
          else:
            mask = torch.zeros_like(torch.select(torch.select(hq, 3, 0), 2, 0))
            mask = torch.view(torch.slice(torch.slice(mask, 0, 0, 1), 1, 0, 1), [1, 1, 1, 1])
            mask = torch.expand(mask, [1, 1, torch.size(q, 1), torch.size(k, 1)])
            if causal:
              later = torch.triu(torch.ones_like(torch.select(torch.select(mask, 0, 0), 0, 0), dtype=11), 1)
              mask = torch.masked_fill(mask, later, lowest)
            if padding is not None:
              p = unchecked_cast(Tensor, padding)
              mask = torch.masked_fill(mask, torch.view(torch.ne(p, 0), [torch.size(k, 0), 1, 1, torch.size(k, 1)]), lowest)
            if scores is not None:
              s = unchecked_cast(Tensor, scores)
              mask = torch.add(mask, s)
            mask = torch.expand(mask, [torch.size(q, 0), -1, -1, -1])
            if dropout > 0.:
              root = torch.sqrt(float(torch.size(hq, 3)))
              weights = torch.softmax(torch.add(torch.matmul(torch.div(hq, root), torch.transpose(hk, 2, 3)), mask), 3)
              y = torch.matmul(self.dropped(weights, dropout), hv)
            else:
              y = torch.scaled_dot_product_attention(hq, hk, hv, mask, 0., False)
          return torch.flatten(torch.transpose(y, 1, 2), 2)

        def part(x: Tensor, weight: Tensor, bias: Tensor, at: int, n: int) -> Tensor:
          width = torch.size(weight, 1)
          start = torch.mul(at, width)
          w = torch.slice(weight, 0, start, torch.add(start, width))
          return self.heads(torch.linear(x, w, torch.slice(bias, 0, start, torch.add(start, width))), n)

        def weights(x: Tensor, to: Tensor, weight: Tensor, bias: Tensor, n: int, padding: Optional[Tensor], lowest: float) -> Tensor:
          q = self.part(x, weight, bias, 0, n)
          k = self.part(to, weight, bias, 1, n)
          root = torch.sqrt(torch.scalar_tensor(torch.size(q, 3)))
          scores = torch.div(torch.matmul(q, torch.transpose(k, 2, 3)), root)
          if padding is not None:
            hidden = torch.ne(unchecked_cast(Tensor, padding), 0)
            scores = torch.masked_fill(scores, torch.unsqueeze(torch.unsqueeze(hidden, 1), 1), lowest)
          return torch.mean(torch.softmax(scores, 3), [1])

        def keys_and_values(x: Tensor, weight: Tensor, bias: Tensor, n: int) -> List[Tensor]:
          return [self.part(x, weight, bias, 1, n), self.part(x, weight, bias, 2, n)]
        """);

    private final int width;
    private final int heads;
    private final double dropout;
    private final Parameter weight;
    private final Parameter bias;
    private final Linear out;

    /**
     * An attention without dropout.
     *
     * @param width the length of the vectors
     * @param heads the number of heads; divides the width
     */
    public MultiheadAttention(int width, int heads) {
        this(width, heads, 0);
    }

    /**
     * An attention.
     *
     * @param width the length of the vectors
     * @param heads the number of heads; divides the width
     * @param dropout the share of attention weights dropped in training
     * @throws IllegalArgumentException if heads does not divide the width, or the dropout is not from 0 to below 1
     */
    public MultiheadAttention(int width, int heads, double dropout) {
        if (heads < 1 || width < 1 || width % heads != 0 || !(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "expected a width that is a multiple of the heads and a dropout from 0 to below 1, got width "
                            + width + ", " + heads + " heads and dropout " + dropout);
        }
        this.width = width;
        this.heads = heads;
        this.dropout = dropout;
        weight = parameter("in_proj_weight", Parameter.Type.WEIGHT, new XavierInitializer(), 3L * width, width);
        bias = parameter("in_proj_bias", Parameter.Type.BIAS, Initializer.ZEROS, 3L * width);
        out = child("out_proj", new Linear(width, width, true, Initializers.torchDefault(width)));
    }

    /**
     * Attends.
     *
     * @param query (N, L, width)
     * @param key (N, S, width)
     * @param value (N, S, width)
     * @param mask who sees what
     * @param pass the pass
     * @return (N, L, width)
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public NDArray forward(NDArray query, NDArray key, NDArray value, AttentionMask mask, Pass pass) {
        Shape q = query.getShape();
        Shape k = key.getShape();
        if (q.dimension() != 3
                || k.dimension() != 3
                || q.get(2) != width
                || k.get(2) != width
                || q.get(0) != k.get(0)
                || !k.equals(value.getShape())) {
            throw new IllegalArgumentException("expected queries (N, L, " + width + "), keys and values (N, S, " + width
                    + "), got " + q + ", " + k + " and " + value.getShape());
        }
        if (mask.padding() != null && !mask.padding().getShape().equals(k.slice(0, 2))) {
            throw new IllegalArgumentException("expected a padding (N, S) for keys " + k + ", got "
                    + mask.padding().getShape());
        }
        return out.forward(attended(query, key, value, mask, pass), pass);
    }

    private NDArray attended(NDArray query, NDArray key, NDArray value, AttentionMask mask, Pass pass) {
        NDArray w = pass.value(weight, query);
        NDArray b = pass.value(bias, query);
        double dropped = pass.training() ? dropout : 0.;
        if (!pass.inBfloat16()) {
            return SCRIPT.call(
                    "attend",
                    query,
                    key,
                    value,
                    w,
                    b,
                    heads,
                    mask.causal(),
                    mask.padding(),
                    mask.bias(),
                    Double.NEGATIVE_INFINITY,
                    dropped);
        }
        NDList projected = projectedInBfloat16(query, key, value, w, b);
        return attend(projected.get(0), projected.get(1), projected.get(2), heads, mask, dropped);
    }

    /**
     * Attends with what is projected already.
     *
     * @param query (N, L, width)
     * @param key (N, S, width)
     * @param value (N, S, width)
     * @param heads the number of heads; divides the width
     * @param mask who sees what
     * @param dropout the share of attention weights dropped
     * @return (N, L, width), the heads' answers side by side
     */
    public static NDArray attend(
            NDArray query, NDArray key, NDArray value, int heads, AttentionMask mask, double dropout) {
        return SCRIPT.call(
                "attended",
                query,
                key,
                value,
                heads,
                mask.causal(),
                mask.padding(),
                mask.bias(),
                Double.NEGATIVE_INFINITY,
                dropout);
    }

    /** Queries, keys and values; of one array at once. */
    private NDList projectedInBfloat16(NDArray query, NDArray key, NDArray value, NDArray w, NDArray b) {
        if (key == value) {
            if (query == key) {
                return SCRIPT.callForList("parts", Bfloat16.linear(query, w, b), 3);
            }
            NDList projected = new NDList(inBfloat16(query, w, b, 0, 1));
            projected.addAll(SCRIPT.callForList("parts", inBfloat16(key, w, b, 1, 3), 2));
            return projected;
        }
        return new NDList(inBfloat16(query, w, b, 0, 1), inBfloat16(key, w, b, 1, 2), inBfloat16(value, w, b, 2, 3));
    }

    /** By some of the three parts of the weights' rows. */
    private NDArray inBfloat16(NDArray x, NDArray w, NDArray b, int first, int end) {
        long from = (long) first * width;
        long to = (long) end * width;
        return Bfloat16.linear(x, SCRIPT.call("rows", w, from, to), SCRIPT.call("rows", b, from, to));
    }

    /**
     * Computes how much each query attends to each key, the mean of all heads.
     *
     * @param query (N, L, width)
     * @param key (N, S, width)
     * @param padding (N, S), other than zero where a key is padding that nobody sees; null for none
     * @param pass the pass
     * @return (N, L, S), which sum up to 1 over S
     */
    NDArray weights(NDArray query, NDArray key, NDArray padding, Pass pass) {
        NDArray w = pass.value(weight, query);
        return SCRIPT.call("weights", query, key, w, pass.value(bias, query), heads, padding, Double.NEGATIVE_INFINITY);
    }

    /**
     * Projects what is attended to, once for all queries.
     *
     * @param x (N, S, width)
     * @param pass the pass
     * @return its keys and its values, each (N, heads, S, width / heads)
     */
    NDList keysAndValues(NDArray x, Pass pass) {
        return SCRIPT.callForList("keys_and_values", x, pass.value(weight, x), pass.value(bias, x), heads);
    }

    /** Keys or values of nothing, (N, heads, 0, width / heads). */
    NDArray nothing(NDManager owner, long sequences) {
        return owner.zeros(new Shape(sequences, heads, 0, width / heads));
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 3) {
            throw new IllegalArgumentException("expected query, key and value, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), inputs.get(2), AttentionMask.NONE, pass));
    }
}
