package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
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
            """);

    private PaddedTexts() {}

    /** Returns the mean of each text's vectors, (N, D); zeros where there is nothing but padding. */
    static NDArray mean(NDArray x, NDArray padding) {
        return SCRIPT.call("mean", x, padding);
    }
}
