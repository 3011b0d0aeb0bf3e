package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Boxes as distances from the centres of anchors to their four sides, in the anchors' own sides (Tian et al. 2019,
 * "FCOS", equation 1); {@code BoxLinearCoder} of torchvision. Both directions are differentiable.
 */
public final class DistanceCoder {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def low(boxes: Tensor) -> Tensor:
              return torch.slice(boxes, -1, 0, 2)

            def high(boxes: Tensor) -> Tensor:
              return torch.slice(boxes, -1, 2, 4)

            def centres(boxes: Tensor) -> Tensor:
              return torch.mul(torch.add(self.low(boxes), self.high(boxes)), 0.5)

            def encode(boxes: Tensor, anchors: Tensor) -> Tensor:
              centres = self.centres(anchors)
              sides = torch.sub(self.high(anchors), self.low(anchors))
              before = torch.div(torch.sub(centres, self.low(boxes)), sides)
              behind = torch.div(torch.sub(self.high(boxes), centres), sides)
              return torch.cat([before, behind], -1)

            def decode(codes: Tensor, anchors: Tensor) -> Tensor:
              centres = self.centres(anchors)
              sides = torch.sub(self.high(anchors), self.low(anchors))
              before = torch.sub(centres, torch.mul(self.low(codes), sides))
              behind = torch.add(centres, torch.mul(self.high(codes), sides))
              return torch.cat([before, behind], -1)
            """);

    private DistanceCoder() {}

    /**
     * Tells how far the sides of boxes are from the centres of anchors.
     *
     * @param boxes (..., 4) x1, y1, x2, y2
     * @param anchors (..., 4) of the same shape
     * @return (..., 4) left, up, right, down; negative where the centre lies outside of the box
     */
    public static NDArray encode(NDArray boxes, NDArray anchors) {
        return SCRIPT.call("encode", boxes, anchors);
    }

    /**
     * Puts sides around the centres of anchors.
     *
     * @param codes (..., 4) left, up, right, down
     * @param anchors (..., 4) of the same shape, or one that broadcasts to it
     * @return (..., 4) x1, y1, x2, y2
     */
    public static NDArray decode(NDArray codes, NDArray anchors) {
        return SCRIPT.call("decode", codes, anchors);
    }
}
