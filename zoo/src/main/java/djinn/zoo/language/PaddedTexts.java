package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;

/** What is computed of vectors (N, T, D) of texts of several lengths, in which padding (N, T) counts for nothing. */
final class PaddedTexts {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def mean(x: Tensor, padding: Optional[Tensor]) -> Tensor:
              if padding is None:
                y = torch.mean(x, [1])
              else:
                words = torch.unsqueeze(torch.type_as(torch.eq(unchecked_cast(Tensor, padding), 0), x), 2)
                y = torch.div(torch.sum(torch.mul(x, words), [1]), torch.clamp(torch.sum(words, [1]), 1))
              return y

            def ends(x: Tensor, padding: Optional[Tensor], hidden: int) -> Tensor:
              if padding is None:
                last = torch.select(x, 1, -1)
              else:
                words = torch.sum(torch.eq(unchecked_cast(Tensor, padding), 0), [1], True)
                at = torch.unsqueeze(torch.clamp(torch.sub(words, 1), 0), 2)
                last = torch.squeeze(torch.gather(x, 1, torch.expand(at, [-1, -1, torch.size(x, 2)])), 1)
              ahead = torch.slice(last, 1, 0, hidden)
              back = torch.slice(torch.select(x, 1, 0), 1, hidden, torch.size(x, 2))
              return torch.cat([ahead, back], 1)
            """);

    private PaddedTexts() {}

    /**
     * Returns the padding of a block's inputs, which stands behind the others where there is any.
     *
     * @param inputs the inputs
     * @param others the names of those before it
     * @return the padding, or null
     * @throws IllegalArgumentException if there are fewer inputs, or more
     */
    static NDArray padding(NDList inputs, String... others) {
        if (inputs.size() != others.length && inputs.size() != others.length + 1) {
            throw new IllegalArgumentException("expected " + String.join(", ", others)
                    + " and, if there is any, padding, got " + inputs.size() + " inputs");
        }
        return inputs.size() > others.length ? inputs.get(others.length) : null;
    }

    /** Returns the mean of each text's vectors, (N, D); zeros where there is nothing but padding. */
    static NDArray mean(NDArray x, NDArray padding) {
        return SCRIPT.call("mean", x, padding);
    }

    /**
     * Returns what a layer that reads in both directions knows in the end: the first half of each text's last vector
     * and the second half of its first one, (N, D).
     */
    static NDArray ends(NDArray x, NDArray padding) {
        return SCRIPT.call("ends", x, padding, x.getShape().get(2) / 2);
    }
}
