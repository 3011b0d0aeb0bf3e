package djinn.predict.text;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;
import djinn.zoo.language.WordVectors;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;

/**
 * How near all words are to some: words (N), int64, to the cosines (N, K) of their vectors and those of each word.
 *
 * <p>State: {@code vectors}.
 */
public final class WordSimilarity extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def cosines(own: Tensor, all: Tensor) -> Tensor:
              x = torch.div(own, torch.clamp_min(torch.linalg_vector_norm(own, 2, [1], True), 1.e-12))
              y = torch.div(all, torch.clamp_min(torch.linalg_vector_norm(all, 2, [1], True), 1.e-12))
              return torch.matmul(x, torch.t(y))
            """);

    private final int vocabulary;
    private final WordVectors vectors;

    WordSimilarity(int vocabulary, int width) {
        this.vocabulary = vocabulary;
        vectors = child("vectors", new WordVectors(vocabulary, width));
    }

    /** Returns the vectors. */
    public WordVectors vectors() {
        return vectors;
    }

    @Override
    public NDArray forward(NDArray words, Pass pass) {
        NDArray own = vectors.vectors(words, pass); // (N) -> (N, D)
        NDArray all = vectors.vectors(words.getManager().arange(vocabulary).toType(words.getDataType(), false), pass);
        return SCRIPT.call("cosines", own, all); // (N, K)
    }
}
