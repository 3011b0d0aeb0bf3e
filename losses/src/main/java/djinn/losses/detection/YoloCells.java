package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Boxes of YOLOv2 and YOLOv4 in cells: centres are sigmoids, stretched around the cell's middle, extents an anchor's times an
 * exponential, whose exponent counts as 8 where it is greater.
 */
final class YoloCells {

    /** A box and objectness. */
    static final int TERMS = 5;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def rows(head: Tensor, cells: Tensor) -> Tensor:
              return torch.index_select(torch.reshape(head, [-1, torch.size(head, 4)]), 0, cells)

            def decode(terms: Tensor, corners: Tensor, anchors: Tensor, stretch: float) -> Tensor:
              centre = torch.add(torch.mul(torch.sigmoid(torch.slice(terms, -1, 0, 2)), stretch), corners)
              size = torch.mul(torch.exp(torch.clamp_max(torch.slice(terms, -1, 2, 4), 8.)), anchors)
              half = torch.mul(size, 0.5)
              return torch.cat([torch.sub(centre, half), torch.add(centre, half)], -1)

            def of_rows(terms: Tensor, anchors: Tensor, stretch: float) -> Tensor:
              middle = torch.full_like(anchors, torch.mul(torch.sub(1., stretch), 0.5))
              return self.decode(terms, middle, anchors, stretch)

            def of_all(head: Tensor, corners: Tensor, anchors: Tensor, stretch: float) -> Tensor:
              boxes = self.decode(head, corners, torch.reshape(anchors, [1, -1, 1, 1, 2]), stretch)
              return torch.flatten(boxes, 1, 3)

            def area(boxes: Tensor) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              return torch.prod(torch.clamp_min(sides, 0.), -1)

            def crowding(all: Tensor, image: int, objects: Tensor) -> Tensor:
              a = torch.unsqueeze(torch.select(all, 0, image), 1)
              b = torch.unsqueeze(objects, 0)
              low = torch.maximum(torch.slice(a, -1, 0, 2), torch.slice(b, -1, 0, 2))
              high = torch.minimum(torch.slice(a, -1, 2, 4), torch.slice(b, -1, 2, 4))
              shared = self.area(torch.cat([low, high], -1))
              union = torch.sub(torch.add(self.area(a), self.area(b)), shared)
              return torch.amax(torch.div(shared, torch.clamp_min(union, 1e-9)), [1])

            def alone(all: Tensor, image: int) -> Tensor:
              return torch.zeros_like(torch.select(torch.select(all, 0, image), 1, 0))
            """);

    private YoloCells() {}

    /** The terms (P, 5 + K) of some places in a head (N, a, H, W, 5 + K). */
    static NDArray rows(NDArray head, NDArray cells) {
        return SCRIPT.call("rows", head, cells);
    }

    /** Terms (P, 5 + K) as boxes x1, y1, x2, y2 in cells, from their cell's corner, of anchors (P, 2). */
    static NDArray corners(NDArray terms, NDArray anchors, double stretch) {
        return SCRIPT.call("of_rows", terms, anchors, stretch);
    }

    /**
     * The greatest overlap of each box of a head with any object, under no gradients.
     *
     * @param head (N, a, H, W, 5 + K)
     * @param anchors (a, 2) in cells
     * @param targets the objects of each image
     * @param stride pixels to a cell
     * @param stretch how far the sigmoids of centres are stretched
     * @return (N a H W) in [0, 1]
     */
    static NDArray crowding(NDArray head, NDArray anchors, List<BoxTargets> targets, double stride, double stretch) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray all = SCRIPT.call("of_all", head, grid(head, (1 - stretch) / 2), anchors, stretch); // (N, a H W, 4)
            NDList images = new NDList();
            for (int i = 0; i < targets.size(); i++) {
                NDArray boxes = targets.get(i).boxes();
                images.add(
                        boxes.getShape().get(0) == 0
                                ? SCRIPT.call("alone", all, i)
                                : SCRIPT.call("crowding", all, i, Scalars.div(boxes, stride)));
            }
            return NDArrays.concat(images);
        }
    }

    /** The left upper corners of a head's cells, moved by a shift, x before y: (H, W, 2). */
    private static NDArray grid(NDArray head, double shift) {
        int rows = Math.toIntExact(head.getShape().get(2));
        int columns = Math.toIntExact(head.getShape().get(3));
        float[] corners = new float[2 * rows * columns];
        int i = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                corners[i++] = (float) (column + shift);
                corners[i++] = (float) (row + shift);
            }
        }
        return head.getManager().create(corners, new Shape(rows, columns, 2));
    }

    /** Some anchors (a, 2) beside a head. */
    static NDArray anchors(NDArray head, float[] sizes) {
        return head.getManager().create(sizes, new Shape(sizes.length / 2, 2));
    }
}
