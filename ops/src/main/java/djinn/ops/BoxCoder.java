package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Boxes as steps from anchors, in the way of R-CNN (Girshick et al. 2014, appendix C): the centre's move in the anchor's
 * sides, and the logarithms of how much wider and higher the box is, each times a weight; {@code BoxCoder} of
 * torchvision. Both directions are differentiable.
 *
 * <p>A side below a thousandth pixel is encoded as one of that length, so that what is learned is finite; on decoding a
 * side grows at most 1000 / 16 times.
 *
 * @param x the weight of the horizontal move
 * @param y the weight of the vertical move
 * @param width the weight of the width's logarithm
 * @param height the weight of the height's logarithm
 */
public record BoxCoder(double x, double y, double width, double height) {

    /** All weights 1, as RetinaNet has them. */
    public static final BoxCoder PLAIN = new BoxCoder(1, 1, 1, 1);

    /** 10 for the moves and 5 for the sides, as SSD has them. */
    public static final BoxCoder SSD = new BoxCoder(10, 10, 5, 5);

    private static final double LARGEST = Math.log(1000. / 16);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def side(boxes: Tensor, axis: int) -> Tensor:
              return torch.sub(torch.select(boxes, -1, torch.add(axis, 2)), torch.select(boxes, -1, axis))

            def centre(boxes: Tensor, axis: int) -> Tensor:
              return torch.add(torch.select(boxes, -1, axis), torch.mul(self.side(boxes, axis), 0.5))

            def move(boxes: Tensor, anchors: Tensor, axis: int, weight: float) -> Tensor:
              apart = torch.sub(self.centre(boxes, axis), self.centre(anchors, axis))
              return torch.mul(torch.div(apart, self.side(anchors, axis)), weight)

            def growth(boxes: Tensor, anchors: Tensor, axis: int, weight: float) -> Tensor:
              side = torch.clamp_min(self.side(boxes, axis), 0.001)
              return torch.mul(torch.log(torch.div(side, self.side(anchors, axis))), weight)

            def encode(boxes: Tensor, anchors: Tensor, x: float, y: float, w: float, h: float) -> Tensor:
              moves = [self.move(boxes, anchors, 0, x), self.move(boxes, anchors, 1, y)]
              growths = [self.growth(boxes, anchors, 0, w), self.growth(boxes, anchors, 1, h)]
              return torch.stack([moves[0], moves[1], growths[0], growths[1]], -1)

            def place(codes: Tensor, anchors: Tensor, axis: int, weight: float) -> Tensor:
              move = torch.div(torch.select(codes, -1, axis), weight)
              return torch.add(torch.mul(move, self.side(anchors, axis)), self.centre(anchors, axis))

            def half(codes: Tensor, anchors: Tensor, axis: int, weight: float, largest: float) -> Tensor:
              growth = torch.clamp_max(torch.div(torch.select(codes, -1, torch.add(axis, 2)), weight), largest)
              return torch.mul(torch.mul(torch.exp(growth), self.side(anchors, axis)), 0.5)

            def decode(codes: Tensor, anchors: Tensor, x: float, y: float, w: float, h: float, largest: float) -> Tensor:
              cx = self.place(codes, anchors, 0, x)
              cy = self.place(codes, anchors, 1, y)
              dx = self.half(codes, anchors, 0, w, largest)
              dy = self.half(codes, anchors, 1, h, largest)
              return torch.stack([torch.sub(cx, dx), torch.sub(cy, dy), torch.add(cx, dx), torch.add(cy, dy)], -1)
            """);

    /** Checks that the weights are above 0. */
    public BoxCoder {
        if (!(x > 0 && y > 0 && width > 0 && height > 0)) {
            throw new IllegalArgumentException(
                    "expected weights above 0, got " + x + ", " + y + ", " + width + " and " + height);
        }
    }

    /**
     * Tells how to come from anchors to boxes.
     *
     * @param boxes (..., 4) x1, y1, x2, y2
     * @param anchors (..., 4) of the same shape, or one that broadcasts to it
     * @return (..., 4)
     */
    public NDArray encode(NDArray boxes, NDArray anchors) {
        return SCRIPT.call("encode", boxes, anchors, x, y, width, height);
    }

    /**
     * Goes from anchors to boxes.
     *
     * @param codes (..., 4) as {@link #encode} gives them
     * @param anchors (..., 4) of the same shape, or one that broadcasts to it
     * @return (..., 4) x1, y1, x2, y2
     */
    public NDArray decode(NDArray codes, NDArray anchors) {
        return SCRIPT.call("decode", codes, anchors, x, y, width, height, LARGEST);
    }
}
