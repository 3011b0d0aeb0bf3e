package djinn.export.trace;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/** Multiply-adds of convolutions and matrix products; everything else counts as none. */
final class Macs {

    private Macs() {}

    /** Counts those of a node. */
    static long of(Node node) {
        return switch (node.op()) {
            // per output element: one per input channel of its group and kernel element
            case "convolution" -> node.result().shape().size() * perFilter(node.value(1));
            // per input element: the same the other way round
            case "conv_transpose1d", "conv_transpose2d", "conv_transpose3d" ->
                node.value(0).shape().size() * perFilter(node.value(1));
            case "linear" -> node.result().shape().size() * last(node.value(0));
            case "matmul", "bmm" -> node.result().shape().size() * last(node.value(0));
            case "scaled_dot_product_attention" -> attention(node);
            case "lstm", "gru", "rnn_tanh", "rnn_relu" -> recurrent(node);
            default -> 0;
        };
    }

    private static long perFilter(Value weight) {
        Shape shape = weight.shape();
        return shape.size() / shape.get(0);
    }

    private static long last(Value value) {
        Shape shape = value.shape();
        return shape.get(shape.dimension() - 1);
    }

    /** Scores, and the sums they weigh. */
    private static long attention(Node node) {
        Shape query = node.value(0).shape();
        Shape key = node.value(1).shape();
        long scores = query.size() / last(node.value(0)) * key.get(key.dimension() - 2);
        return scores * (last(node.value(0)) + last(node.value(2)));
    }

    /** Every weight matrix meets every step of every sequence. */
    private static long recurrent(Node node) {
        Shape input = node.value(0).shape();
        long steps = input.size() / last(node.value(0));
        return ((List<?>) node.arguments().get(2))
                .stream()
                        .map(weight -> ((Value) weight).shape())
                        .filter(shape -> shape.dimension() == 2)
                        .mapToLong(shape -> shape.size() * steps)
                        .sum();
    }
}
