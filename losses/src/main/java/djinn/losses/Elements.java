package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;
import java.util.Arrays;
import java.util.List;

/** What losses share: script functions, class weights, and the refusal of shapes that would broadcast silently. */
final class Elements {

    /**
     * {@code reduce}: the mean of no element is 0 and has a gradient, where the engine's is NaN. {@code exponential}:
     * beyond 50 it follows its tangent there, which does not overflow and still points back.
     */
    private static final String FUNCTIONS = """
            def reduce(x: Tensor, reduction: int) -> Tensor:
              if torch.eq(reduction, 0):
                y = x
              else:
                if torch.eq(reduction, 1) and torch.gt(torch.numel(x), 0):
                  y = torch.mean(x)
                else:
                  y = torch.sum(x)
              return y

            def exponential(x: Tensor) -> Tensor:
              return torch.mul(torch.exp(torch.clamp_max(x, 50.)), torch.add(torch.relu(torch.sub(x, 50.)), 1.))

            """;

    /** The label of what nobody knows, which every loss of labels ignores. */
    static final long UNKNOWN = -100;

    private static final TorchScript IGNORING = TorchScript.compileForProcess("""
            def ignoring(y: Tensor, unknown: int, index: int) -> Tensor:
              return torch.masked_fill(y, torch.eq(y, unknown), index)
            """);

    private Elements() {}

    /** Compiles functions that may call {@code self.reduce(x, reduction)} and {@code self.exponential(x)}. */
    static TorchScript compile(String text) {
        return TorchScript.compileForProcess(FUNCTIONS + text);
    }

    /** Returns the target in the input's dtype, after checking that their shapes are equal. */
    static NDArray fitting(NDArray target, NDArray input) {
        if (!target.getShape().equals(input.getShape())) {
            throw new IllegalArgumentException("expected a target of the input's shape, got target " + target.getShape()
                    + " for input " + input.getShape() + "; reshape one of them, nothing is broadcast here");
        }
        return target.toType(input.getDataType(), false);
    }

    /** Returns N of an array (N, ...). */
    static long samples(NDArray input) {
        if (input.getShape().dimension() < 2) {
            throw new IllegalArgumentException("expected samples (N, ...), got " + input.getShape());
        }
        return input.getShape().get(0);
    }

    /** Returns the shape of the labels of logits (N, K, d1, ...): (N, d1, ...). */
    static Shape labelsOf(Shape logits) {
        return logits.slice(0, 1).addAll(logits.slice(2));
    }

    /** Checks weights that a record holds and returns a copy. */
    static List<Double> weights(List<Double> weights) {
        if (weights.stream().anyMatch(w -> !(w >= 0 && w < Double.POSITIVE_INFINITY))) {
            throw new IllegalArgumentException("expected class weights of at least 0, got " + weights);
        }
        return List.copyOf(weights);
    }

    /** Returns weights as an array of the input's dtype, one per class on axis 1, or null if there are none. */
    static NDArray weights(List<Double> weights, NDArray input) {
        if (weights.isEmpty()) {
            return null;
        }
        Shape shape = input.getShape();
        if (shape.dimension() < 2 || weights.size() != shape.get(1)) {
            throw new IllegalArgumentException("expected one weight per class, the second extent of (N, K, ...), got "
                    + weights.size() + " for input " + shape);
        }
        float[] values = new float[weights.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = weights.get(k).floatValue();
        }
        return input.getManager().create(values).toType(input.getDataType(), false);
    }

    /** Returns weights as {@link #weights(List, NDArray)} does, shaped to multiply an array (N, K, ...). */
    static NDArray perClass(List<Double> weights, NDArray input) {
        NDArray array = weights(weights, input);
        if (array == null || input.getShape().dimension() == 2) {
            return array;
        }
        long[] extents = new long[input.getShape().dimension() - 1];
        Arrays.fill(extents, 1);
        extents[0] = weights.size();
        return array.reshape(extents);
    }

    /**
     * Returns labels as int64, after checking that they fit logits (N, K, ...).
     *
     * @param ignoreIndex what {@value #UNKNOWN} becomes: it counts for nothing, whatever else does
     */
    static NDArray labels(NDArray labels, NDArray logits, long ignoreIndex) {
        Shape shape = logits.getShape();
        if (shape.dimension() < 2 || !labels.getShape().equals(labelsOf(shape))) {
            throw new IllegalArgumentException(
                    "expected logits (N, K, ...) and labels (N, ...), got " + shape + " and " + labels.getShape());
        }
        return ignoring(labels.toType(DataType.INT64, false), ignoreIndex);
    }

    /** Returns labels of which those that are unknown have the index that a loss ignores. */
    static NDArray ignoring(NDArray labels, long ignoreIndex) {
        return ignoreIndex == UNKNOWN ? labels : IGNORING.call("ignoring", labels, UNKNOWN, ignoreIndex);
    }

    /**
     * Whether a target names classes (N, ...) of logits (N, K, ...), rather than holding a value for each of them; of one
     * class there is nothing to name.
     */
    static boolean isOfLabels(NDArray target, NDArray logits) {
        Shape shape = logits.getShape();
        return shape.dimension() >= 2 && shape.get(1) > 1 && target.getShape().equals(labelsOf(shape));
    }
}
