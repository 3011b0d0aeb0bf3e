package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;

/** What losses over the pairs of a labelled batch have in common. */
final class LabelledPairs {

    /** Functions on labels (N), embeddings (N, D) and one term per pair (N, N), for scripts to call. */
    private static final String SHARED = """
        def positives(y: Tensor) -> Tensor:
          return torch.fill_diagonal_(torch.eq(torch.unsqueeze(y, 1), torch.unsqueeze(y, 0)), 0)

        def negatives(y: Tensor) -> Tensor:
          return torch.ne(torch.unsqueeze(y, 1), torch.unsqueeze(y, 0))

        def only(terms: Tensor, mask: Tensor, otherwise: float) -> Tensor:
          return torch.masked_fill(terms, torch.logical_not(mask), otherwise)

        def share(terms: Tensor, counted: Tensor) -> Tensor:
          # the mean of what counts; where nothing does, a zero that still has a graph
          return torch.div(torch.sum(terms), torch.clamp_min(torch.sum(counted), 1))

        def distances(x: Tensor) -> Tensor:
          # differences rather than products: exact zeros, and a gradient of zero there
          return torch.cdist(x, x, 2., 2)

        def unit(x: Tensor) -> Tensor:
          # an embedding of length zero stays one, with a gradient of zero
          length = torch.linalg_vector_norm(x, 2, [1], True)
          return torch.div(x, torch.masked_fill(length, torch.eq(length, 0), inf))

        """;

    private LabelledPairs() {}

    /** Compiles a loss's script, which may call the shared functions. */
    static TorchScript compile(String text) {
        return TorchScript.compileForProcess(SHARED + text);
    }

    /** Returns the labels of a batch of embeddings as 64-bit whole numbers, checked against their shape. */
    static NDArray labels(NDArray embeddings, NDArray labels) {
        Shape shape = embeddings.getShape();
        if (shape.dimension() != 2 || shape.get(0) < 1 || !labels.getShape().equals(new Shape(shape.get(0)))) {
            throw new IllegalArgumentException("expected embeddings (N, D) and labels (N) with N of at least 1, got "
                    + shape + " and " + labels.getShape() + "; flatten both to one row per sample");
        }
        return labels.toType(DataType.INT64, false);
    }

    /** Checks that proxies (K, D), K at least 2, fit embeddings (N, D). */
    static void checkProxies(NDArray embeddings, NDArray proxies) {
        Shape shape = embeddings.getShape();
        Shape other = proxies.getShape();
        if (shape.dimension() != 2 || other.dimension() != 2 || other.get(0) < 2 || shape.get(1) != other.get(1)) {
            throw new IllegalArgumentException(
                    "expected embeddings (N, D) and proxies (K, D), one for each of at least two classes, got " + shape
                            + " and " + other);
        }
    }

    /** Checks that anchors, positives and negatives share a shape (N, D). */
    static void checkTriplets(NDArray anchor, NDArray positive, NDArray negative) {
        Shape shape = anchor.getShape();
        if (shape.dimension() != 2
                || shape.get(0) < 1
                || !positive.getShape().equals(shape)
                || !negative.getShape().equals(shape)) {
            throw new IllegalArgumentException(
                    "expected anchors, positives and negatives of one shape (N, D) with N of at least 1, got " + shape
                            + ", " + positive.getShape() + " and " + negative.getShape());
        }
    }
}
