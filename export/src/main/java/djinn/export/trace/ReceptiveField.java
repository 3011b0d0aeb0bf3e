package djinn.export.trace;

import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much of the input image a position of a feature map sees, and how far apart its positions are, in input pixels.
 *
 * @param height rows seen
 * @param width columns seen
 * @param strideY input rows from one position to the next; below 1 where the map is finer than the input
 * @param strideX input columns from one position to the next
 */
public record ReceptiveField(double height, double width, double strideY, double strideX) {

    private static final ReceptiveField PIXEL = new ReceptiveField(1, 1, 1, 1);

    /** Stands for the whole image, whatever its size. */
    public static final ReceptiveField ALL = new ReceptiveField(
            Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** Returns whether every position depends on the whole image. */
    public boolean isAll() {
        return this.equals(ALL);
    }

    /**
     * Follows the field through a graph.
     *
     * @param graph a graph whose input is an image, (N, C, H, W)
     * @return the field of every value that depends on the input; empty if the input is no image
     */
    static Map<Value, ReceptiveField> of(Graph graph) {
        Map<Value, ReceptiveField> fields = new HashMap<>();
        if (graph.inputs().get(0).shape().dimension() != 4) {
            return fields;
        }
        graph.inputs().forEach(input -> fields.put(input, PIXEL));
        for (Node node : graph.nodes()) {
            List<ReceptiveField> seen = node.inputs().stream()
                    .filter(fields::containsKey)
                    .map(fields::get)
                    .toList();
            Optional<ReceptiveField> widest = seen.stream().reduce(ReceptiveField::union);
            widest.map(field -> field.isAll() ? ALL : field.through(node, seen.size()))
                    .ifPresent(field -> node.results().forEach(result -> fields.put(result, field)));
        }
        return fields;
    }

    private ReceptiveField union(ReceptiveField other) {
        return new ReceptiveField(
                Math.max(height, other.height),
                Math.max(width, other.width),
                Math.max(strideY, other.strideY),
                Math.max(strideX, other.strideX));
    }

    private ReceptiveField through(Node node, int inputs) {
        return switch (node.op()) {
            case "convolution" -> {
                Shape kernel = node.value(1).shape().slice(2);
                yield kernel.dimension() == 2
                        ? window(kernel.get(0), kernel.get(1), node.integers(3), node.integers(5))
                        : this;
            }
            case "max_pool2d", "max_pool2d_with_indices" -> {
                List<Long> kernel = node.integers(1);
                yield window(kernel.get(0), kernel.get(1), node.integers(2), node.integers(4));
            }
            case "avg_pool2d" -> {
                List<Long> kernel = node.integers(1);
                yield window(kernel.get(0), kernel.get(1), node.integers(2), List.of());
            }
            case "im2col" -> {
                List<Long> kernel = node.integers(1);
                yield window(kernel.get(0), kernel.get(1), node.integers(4), node.integers(2));
            }
            case "conv_transpose2d" -> transposed(node);
            case "upsample_nearest2d" -> resized(node, 0);
            case "upsample_bilinear2d" -> resized(node, 1);
            case "upsample_bicubic2d" -> resized(node, 3);
            case "pixel_shuffle" ->
                new ReceptiveField(height, width, strideY / node.integer(1), strideX / node.integer(1));
            case "adaptive_avg_pool2d", "adaptive_max_pool2d" -> adaptive(node);
            case "mean", "sum", "amax", "amin" -> reduced(node);
            case "matmul", "bmm" -> inputs > 1 ? ALL : this;
            case "scaled_dot_product_attention", "lstm", "gru", "rnn_tanh", "rnn_relu", "cumsum", "grid_sampler_2d" ->
                ALL;
            default -> flattened(node) ? ALL : this;
        };
    }

    private ReceptiveField window(long kernelY, long kernelX, List<Long> stride, List<Long> dilation) {
        long dilationY = dilation.isEmpty() ? 1 : dilation.get(0);
        long dilationX = dilation.isEmpty() ? 1 : dilation.get(dilation.size() - 1);
        long stepY = stride.isEmpty() ? kernelY : stride.get(0);
        long stepX = stride.isEmpty() ? kernelX : stride.get(stride.size() - 1);
        return new ReceptiveField(
                height + (kernelY - 1) * dilationY * strideY,
                width + (kernelX - 1) * dilationX * strideX,
                strideY * stepY,
                strideX * stepX);
    }

    /** An output sees as many inputs as kernels overlap there. */
    private ReceptiveField transposed(Node node) {
        Shape kernel = node.value(1).shape().slice(2);
        List<Long> stride = node.integers(3);
        return new ReceptiveField(
                height + (ceilDiv(kernel.get(0), stride.get(0)) - 1) * strideY,
                width + (ceilDiv(kernel.get(1), stride.get(1)) - 1) * strideX,
                strideY / stride.get(0),
                strideX / stride.get(1));
    }

    private ReceptiveField resized(Node node, int neighbours) {
        Shape from = node.value(0).shape();
        Shape to = node.result().shape();
        return new ReceptiveField(
                height + neighbours * strideY,
                width + neighbours * strideX,
                strideY * from.get(2) / to.get(2),
                strideX * from.get(3) / to.get(3));
    }

    private ReceptiveField adaptive(Node node) {
        Shape from = node.value(0).shape();
        Shape to = node.result().shape();
        if (to.get(2) == 1 && to.get(3) == 1) {
            return ALL;
        }
        return new ReceptiveField(
                height + (ceilDiv(from.get(2), to.get(2)) - 1) * strideY,
                width + (ceilDiv(from.get(3), to.get(3)) - 1) * strideX,
                strideY * from.get(2) / to.get(2),
                strideX * from.get(3) / to.get(3));
    }

    /** A reduction over rows and columns leaves nothing of the map. */
    private ReceptiveField reduced(Node node) {
        Shape from = node.value(0).shape();
        List<Long> axes = node.integers(1);
        boolean spatial = from.dimension() == 4
                && axes.stream().anyMatch(axis -> axis == 2 || axis == 3 || axis == -1 || axis == -2);
        return spatial || flattened(node) ? ALL : this;
    }

    /** Whether rows and columns went into one vector per image. */
    private static boolean flattened(Node node) {
        Shape to = node.result().shape();
        return node.inputs().stream().anyMatch(input -> input.shape().dimension() > 2)
                && to.dimension() <= 2
                && node.inputs().get(0).shape().dimension() > 2;
    }

    private static long ceilDiv(long x, long y) {
        return -Math.floorDiv(-x, y);
    }
}
