package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/** The maths of the losses between boxes (x1, y1, x2, y2), row against row, with torchvision's eps of 1e-7. */
final class BoxPairs {

    private static final double EPS = 1e-7;

    // turn: a point has no aspect ratio, and near one the slope of the angle grows without bound: it counts as no turn
    private static final TorchScript SCRIPT = Elements.compile("""
            def low(x: Tensor) -> Tensor:
              return torch.slice(x, 1, 0, 2)

            def high(x: Tensor) -> Tensor:
              return torch.slice(x, 1, 2, 4)

            def area(size: Tensor) -> Tensor:
              return torch.mul(torch.select(size, 1, 0), torch.select(size, 1, 1))

            def squared(v: Tensor) -> Tensor:
              return torch.sum(torch.mul(v, v), [1])

            def enclosing(x: Tensor, y: Tensor) -> Tensor:
              return torch.sub(torch.maximum(self.high(x), self.high(y)), torch.minimum(self.low(x), self.low(y)))

            def overlap(x: Tensor, y: Tensor, eps: float) -> Tuple[Tensor, Tensor]:
              shared = torch.sub(torch.minimum(self.high(x), self.high(y)), torch.maximum(self.low(x), self.low(y)))
              inside = self.area(shared)
              both = torch.where(torch.all(torch.gt(shared, 0), 1), inside, torch.zeros_like(inside))
              areas = torch.add(self.area(torch.sub(self.high(x), self.low(x))), self.area(torch.sub(self.high(y), self.low(y))))
              union = torch.sub(areas, both)
              return (torch.div(both, torch.add(union, eps)), union)

            def turn(x: Tensor, y: Tensor, eps: float) -> Tensor:
              a = torch.sub(self.high(x), self.low(x))
              b = torch.sub(self.high(y), self.low(y))
              usable = torch.unsqueeze(torch.gt(torch.minimum(self.squared(a), self.squared(b)), eps), 1)
              p = torch.where(usable, a, torch.ones_like(a))
              q = torch.where(usable, b, torch.ones_like(b))
              return torch.sub(torch.atan2(torch.select(q, 1, 0), torch.select(q, 1, 1)), torch.atan2(torch.select(p, 1, 0), torch.select(p, 1, 1)))

            def distance(x: Tensor, y: Tensor, eps: float) -> Tensor:
              apart = torch.mul(torch.sub(torch.add(self.low(x), self.high(x)), torch.add(self.low(y), self.high(y))), 0.5)
              return torch.div(self.squared(apart), torch.add(self.squared(self.enclosing(x, y)), eps))

            def iou(x: Tensor, y: Tensor, eps: float, reduction: int) -> Tensor:
              iou, union = self.overlap(x, y, eps)
              return self.reduce(torch.rsub(iou, 1), reduction)

            def giou(x: Tensor, y: Tensor, eps: float, reduction: int) -> Tensor:
              iou, union = self.overlap(x, y, eps)
              hull = self.area(self.enclosing(x, y))
              return self.reduce(torch.add(torch.rsub(iou, 1), torch.div(torch.sub(hull, union), torch.add(hull, eps))), reduction)

            def diou(x: Tensor, y: Tensor, eps: float, reduction: int) -> Tensor:
              iou, union = self.overlap(x, y, eps)
              return self.reduce(torch.add(torch.rsub(iou, 1), self.distance(x, y, eps)), reduction)

            def ciou(x: Tensor, y: Tensor, eps: float, quarter: float, reduction: int) -> Tensor:
              iou, union = self.overlap(x, y, eps)
              turn = torch.div(self.turn(x, y, eps), quarter)
              v = torch.mul(turn, turn)
              alpha = torch.detach(torch.div(v, torch.add(torch.add(torch.rsub(iou, 1), v), eps)))
              return self.reduce(torch.add(torch.add(torch.rsub(iou, 1), self.distance(x, y, eps)), torch.mul(alpha, v)), reduction)

            def kl(x: Tensor, s: Tensor, y: Tensor, reduction: int) -> Tensor:
              error = torch.smooth_l1_loss(x, y, 0, 1.)
              return self.reduce(torch.add(torch.mul(self.exponential(torch.neg(s)), error), torch.mul(s, 0.5)), reduction)
            """);

    private BoxPairs() {}

    /** One minus the intersection over union. */
    static NDArray iou(NDArray boxes, NDArray target, Reduction reduction) {
        return SCRIPT.call("iou", boxes, fitting(target, boxes), EPS, reduction.code());
    }

    /** That, and the share of the smallest enclosing box that neither covers. */
    static NDArray giou(NDArray boxes, NDArray target, Reduction reduction) {
        return SCRIPT.call("giou", boxes, fitting(target, boxes), EPS, reduction.code());
    }

    /** That of {@link #iou}, and the squared distance of the centres over the enclosing box's squared diagonal. */
    static NDArray diou(NDArray boxes, NDArray target, Reduction reduction) {
        return SCRIPT.call("diou", boxes, fitting(target, boxes), EPS, reduction.code());
    }

    /** That of {@link #diou}, and the difference of the aspect ratios as angles. */
    static NDArray ciou(NDArray boxes, NDArray target, Reduction reduction) {
        return SCRIPT.call("ciou", boxes, fitting(target, boxes), EPS, Math.PI / 2, reduction.code());
    }

    /** The smooth L1 error over the predicted variance, and the price of a large one. */
    static NDArray kl(NDArray boxes, NDArray logVariance, NDArray target, Reduction reduction) {
        return SCRIPT.call("kl", boxes, fitting(logVariance, boxes), fitting(target, boxes), reduction.code());
    }

    private static NDArray fitting(NDArray target, NDArray boxes) {
        if (boxes.getShape().dimension() != 2 || boxes.getShape().get(1) != 4) {
            throw new IllegalArgumentException("expected boxes (N, 4) and a target of that shape, got "
                    + boxes.getShape() + " and " + target.getShape());
        }
        return Elements.fitting(target, boxes);
    }
}
