package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import djinn.ops.TracedArray;

/** What the scripts of steps share, as functions of theirs: one token of one text is a vector, whose operations cost less. */
final class StepScript {

    /**
     * Defines
     *
     * <ul>
     *   <li>{@code self.linear(x, w, b)}: x (in) or (N, T, in), w (out, in), b (out);
     *   <li>{@code self.split(x, parts, n)}: x (parts * width) or (N, T, parts * width) to (N, parts * n, T, width / n), as the
     *       heads of attention take it;
     *   <li>{@code self.joined(y, alone)}: back, from (N, n, T, width / n) to (N, T, width), or (width) if alone;
     *   <li>{@code self.own(qkv, keys, values, n, mask)}: attention to what was read before and to themselves: its values, and all
     *       keys and values then;
     *   <li>{@code self.earlier(length, before, like)}: which tokens (length, before + length) each of several sees, none for
     *       one, which sees them all.
     * </ul>
     */
    static final String TEXT = """
            def linear(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
              if torch.eq(torch.dim(x), 1):
                y = torch.addmv(b, w, x)
              else:
                y = torch.linear(x, w, b)
              return y

            def split(x: Tensor, parts: int, n: int) -> Tensor:
              heads = torch.mul(parts, n)
              length = torch.floordiv(torch.size(x, -1), heads)
              if torch.eq(torch.dim(x), 1):
                y = torch.view(x, [1, heads, 1, length])
              else:
                y = torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), heads, length]), 1, 2)
              return y

            def joined(y: Tensor, alone: bool) -> Tensor:
              if alone:
                z = torch.reshape(y, [-1])
              else:
                z = torch.flatten(torch.transpose(y, 1, 2), 2)
              return z

            def own(qkv: Tensor, keys: Tensor, values: Tensor, n: int, mask: Optional[Tensor]) -> List[Tensor]:
              q, k, v = torch.chunk(self.split(qkv, 3, n), 3, 1)
              k1 = torch.cat([keys, k], 2)
              v1 = torch.cat([values, v], 2)
              y = torch.scaled_dot_product_attention(q, k1, v1, mask, 0., False)
              return [self.joined(y, torch.eq(torch.dim(qkv), 1)), k1, v1]

            def earlier(length: int, before: int, like: Tensor) -> Optional[Tensor]:
              mask = annotate(Optional[Tensor], None)
              if length > 1:
                read = torch.ones([length, before], dtype=11, device=ops.prim.device(like))
                these = torch.tril(torch.ones([length, length], dtype=11, device=ops.prim.device(like)))
                mask = torch.cat([read, these], 1)
              return mask

            """;

    private StepScript() {}

    /** Whether this is one token of one text: told to a script as a constant, for a traced array's shape is not its size. */
    static boolean alone(NDArray tokens) {
        return tokens.size() == 1 && !(tokens instanceof TracedArray);
    }
}
