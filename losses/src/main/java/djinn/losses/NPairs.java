package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The multi-class N-pair loss (Sohn 2016) without its regulariser: rows 2i and 2i + 1 are an anchor a_i and its
 * positive p_i, and the loss is {@code mean_i -log softmax_j(a_i . p_j)_i}.
 *
 * <p>The negatives of a pair are the positives p_j of other classes; the paper draws every pair from a class of its own,
 * so that these are all others. A pair of two different labels is none and is left out of the mean. Shapes: embeddings
 * (N, D), N even, as given, and labels (N), whole numbers of any dtype. The result is a scalar; zero without any pair.
 */
public record NPairs() implements LossFunction {

    private static final TorchScript SCRIPT = LabelledPairs.compile("""
        def n_pairs(x: Tensor, y: Tensor) -> Tensor:
          anchors, positives = torch.unbind(torch.unflatten(x, 0, [-1, 2]), 1)
          ya, yp = torch.unbind(torch.unflatten(y, 0, [-1, 2]), 1)
          kept = torch.fill_diagonal_(torch.ne(torch.unsqueeze(ya, 1), torch.unsqueeze(yp, 0)), 1)
          logits = self.only(torch.matmul(anchors, torch.t(positives)), kept, -inf)
          terms = torch.neg(torch.diagonal(torch.log_softmax(logits, 1)))
          pairs = torch.eq(ya, yp)
          return self.share(self.only(terms, pairs, 0.), pairs)
        """);

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the shapes do not fit each other or the number of rows is odd
     */
    @Override
    public NDArray apply(NDArray embeddings, NDArray labels) {
        NDArray y = LabelledPairs.labels(embeddings, labels);
        if (embeddings.getShape().get(0) % 2 != 0) {
            throw new IllegalArgumentException("expected an even number of rows, anchors and positives in turn, got "
                    + embeddings.getShape() + " and labels " + labels.getShape());
        }
        return SCRIPT.call("n_pairs", embeddings, y);
    }
}
