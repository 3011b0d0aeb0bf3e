package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Boxes as moves of the four sides of anchors, in the anchors' widths and heights, times a weight (He et al. 2019, "Bounding
 * box regression with uncertainty", section 3.1): what a network says of a side, and how sure it is, is of that side alone.
 * Both directions are differentiable.
 *
 * @param weight of each move
 */
public record CornerCoder(double weight) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def sides(anchors: Tensor) -> Tensor:
              sides = torch.sub(torch.slice(anchors, -1, 2, 4), torch.slice(anchors, -1, 0, 2))
              return torch.cat([sides, sides], -1)

            def encode(boxes: Tensor, anchors: Tensor, weight: float) -> Tensor:
              return torch.mul(torch.div(torch.sub(boxes, anchors), self.sides(anchors)), weight)

            def decode(codes: Tensor, anchors: Tensor, weight: float) -> Tensor:
              moved = torch.add(torch.mul(torch.div(codes, weight), self.sides(anchors)), anchors)
              low = torch.slice(moved, -1, 0, 2)
              return torch.cat([low, torch.maximum(torch.slice(moved, -1, 2, 4), low)], -1)

            def variances(logs: Tensor, anchors: Tensor, weight: float) -> Tensor:
              unit = torch.square(torch.div(self.sides(anchors), weight))
              return torch.clamp(torch.mul(torch.exp(torch.clamp(logs, -20., 20.)), unit), 1e-6, 1e12)
            """);

    /** Checks that the weight is above 0. */
    public CornerCoder {
        if (!(weight > 0)) {
            throw new IllegalArgumentException("expected a weight above 0, got " + weight);
        }
    }

    /**
     * Tells how to come from anchors to boxes.
     *
     * @param boxes (..., 4) x1, y1, x2, y2
     * @param anchors (..., 4) of the same shape, with area
     * @return (..., 4) moves of x1, y1, x2, y2
     */
    public NDArray encode(NDArray boxes, NDArray anchors) {
        return SCRIPT.call("encode", boxes, anchors, weight);
    }

    /**
     * Goes from anchors to boxes.
     *
     * @param codes (..., 4) as {@link #encode} gives them
     * @param anchors (..., 4) of the same shape, or one that broadcasts to it
     * @return (..., 4) x1, y1, x2, y2; a right or lower side is not before the other
     */
    public NDArray decode(NDArray codes, NDArray anchors) {
        return SCRIPT.call("decode", codes, anchors, weight);
    }

    /**
     * Brings variances of codes to the unit of boxes.
     *
     * @param logs (..., 4) their logarithms, of which those beyond 20 count as 20
     * @param anchors (..., 4) of the same shape, or one that broadcasts to it
     * @return (..., 4) variances of x1, y1, x2, y2 in pixels squared, from 1e-6 to 1e12
     */
    public NDArray variances(NDArray logs, NDArray anchors) {
        return SCRIPT.call("variances", logs, anchors, weight);
    }
}
