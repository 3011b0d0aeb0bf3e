package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A vector for each word, and another for it where it is told from its company: words (N, C) and candidates (N, M) to the
 * scores (N, M) of how well each candidate goes with the words.
 *
 * <p>Mikolov et al. 2013 with negative sampling (equation 4 of the second paper): a score is the product of the words'
 * mean vector and the candidate's other one; training raises the sigmoid of the true candidate's and lowers that of
 * drawn ones. In the form skip-gram the one word in the middle tells a word around it (C = 1), in the form CBOW the words
 * around tell the one in the middle. State: {@code input} and {@code output}, each with a {@code weight} (vocabulary, D).
 * The former starts uniform within 0.5 / D, the latter at zero, as word2vec's. Deviations: none.
 *
 * <p>As a DJL block it takes words, candidates and, if there is any, the words' padding, and returns the scores.
 */
public final class WordVectors extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def products(words: Tensor, candidates: Tensor) -> Tensor:
              return torch.squeeze(torch.matmul(candidates, torch.unsqueeze(words, 2)), 2)
            """);

    private final Embedding input;
    private final Embedding output;

    /**
     * Word vectors.
     *
     * @param vocabulary the number of words
     * @param width D, the length of a vector
     * @throws IllegalArgumentException if either is below 1
     */
    public WordVectors(int vocabulary, int width) {
        input = child("input", new Embedding(vocabulary, width, Initializers.uniform(.5f / width)));
        output = child("output", new Embedding(vocabulary, width, Initializer.ZEROS));
    }

    /**
     * Scores candidates.
     *
     * @param words (N, C), int64: the word in the middle, or those around
     * @param candidates (N, M), int64: the true one and those drawn
     * @param padding (N, C), other than zero where there is no word; null for none
     * @param pass the pass
     * @return (N, M), before the sigmoid
     */
    public NDArray forward(NDArray words, NDArray candidates, NDArray padding, Pass pass) {
        NDArray mean = PaddedTexts.mean(input.forward(words, pass), padding); // (N, C) -> (N, D)
        return SCRIPT.call("products", mean, output.forward(candidates, pass)); // (N, M, D) -> (N, M)
    }

    /**
     * Looks words up.
     *
     * @param words of any shape, int64
     * @param pass the pass
     * @return their vectors, the shape of words, then D
     */
    public NDArray vectors(NDArray words, Pass pass) {
        return input.forward(words, pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDArray padding = PaddedTexts.padding(inputs, "words", "candidates");
        return new NDList(forward(inputs.get(0), inputs.get(1), padding, pass));
    }
}
