package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Default;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of FastestDet (Ma 2022, {@code module/loss.py} of dog-qiuqiu/FastestDet): 1 - SIoU of the boxes, smooth L1
 * between objectness and the SIoU, and the negative logarithm of the class.
 *
 * <p>An object is given to four cells: that of its centre, the next to the right, the next below, and the one between them,
 * as far as the map reaches. Of all cells of a batch those stay whose SIoU is at least the mean. A cell that stays weighs
 * H W / 4 over their number in its image, any other 0.75. SIoU (Gevorgyan 2022) is the IoU less half of what distance, by
 * its angle, and shape cost.
 *
 * <p>Deviations: cells of the first row and column take objects too, and those beyond the H-th column of a wide map; a cell
 * that two objects are given to aims at the greater SIoU, not at that of the last; and where all are equal none is left
 * out, which in the reference is not a number.
 *
 * @param box gain of the boxes' term
 * @param objectness gain of objectness
 * @param classes gain of the classes' term
 */
public record FastestDetLoss(
        @Default("8") double box,
        @Default("16") double objectness,
        @Default("1") double classes) {

    private static final int TERMS = 5;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def given(head: Tensor, cells: Tensor) -> Tensor:
              rows = torch.transpose(torch.flatten(head, 2, 3), 1, 2)
              return torch.index_select(torch.reshape(rows, [-1, torch.size(head, 1)]), 0, cells)

            def low(box: Tensor) -> Tensor:
              return torch.sub(torch.slice(box, 1, 0, 2), torch.mul(torch.slice(box, 1, 2, 4), 0.5))

            def high(box: Tensor) -> Tensor:
              return torch.add(torch.slice(box, 1, 0, 2), torch.mul(torch.slice(box, 1, 2, 4), 0.5))

            def area(size: Tensor) -> Tensor:
              return torch.mul(torch.select(size, 1, 0), torch.select(size, 1, 1))

            def siou(a: Tensor, b: Tensor) -> Tensor:
              shared = torch.sub(torch.minimum(self.high(a), self.high(b)), torch.maximum(self.low(a), self.low(b)))
              both = self.area(torch.clamp_min(shared, 0.))
              size = torch.slice(a, 1, 2, 4)
              other = torch.slice(b, 1, 2, 4)
              iou = torch.div(both, torch.add(torch.sub(torch.add(self.area(size), self.area(other)), both), 1e-7))
              hull = torch.sub(torch.maximum(self.high(a), self.high(b)), torch.minimum(self.low(a), self.low(b)))
              apart = torch.sub(torch.slice(b, 1, 0, 2), torch.slice(a, 1, 0, 2))
              square = torch.mul(apart, apart)
              sine = torch.div(torch.mul(torch.abs(self.area(apart)), 2.), torch.add(torch.sum(square, [1]), 1e-12))
              share = torch.div(square, torch.mul(hull, hull))
              far = torch.rsub(torch.sum(torch.exp(torch.mul(torch.unsqueeze(torch.sub(sine, 2.), 1), share)), [1]), 2.)
              unlike = torch.div(torch.abs(torch.sub(size, other)), torch.maximum(size, other))
              shape = torch.sum(torch.pow(torch.rsub(torch.exp(torch.neg(unlike)), 1.), 4), [1])
              return torch.sub(iou, torch.mul(torch.add(far, shape), 0.5))

            def likeness(terms: Tensor, corners: Tensor, extents: Tensor, target: Tensor) -> Tensor:
              centre = torch.add(torch.tanh(torch.slice(terms, 1, 1, 3)), corners)
              size = torch.mul(torch.sigmoid(torch.slice(terms, 1, 3, 5)), extents)
              return self.siou(torch.cat([centre, size], 1), target)

            def best(likeness: Tensor) -> Tensor:
              x = torch.detach(likeness)
              return torch.flatten(torch.nonzero(torch.ge(x, torch.mean(x))))

            def mean(x: Tensor) -> Tensor:
              return torch.div(torch.sum(x), torch.clamp_min(torch.sum(torch.ones_like(x)), 1.))

            def box(likeness: Tensor, best: Tensor) -> Tensor:
              return self.mean(torch.rsub(torch.index_select(likeness, 0, best), 1.))

            def classes(terms: Tensor, labels: Tensor, best: Tensor) -> Tensor:
              shares = torch.slice(torch.index_select(terms, 0, best), 1, 5, torch.size(terms, 1))
              own = torch.gather(shares, 1, torch.unsqueeze(torch.index_select(labels, 0, best), 1))
              return self.mean(torch.neg(torch.log(torch.clamp_min(own, 1e-30))))

            def objectness(head: Tensor, cells: Tensor, likeness: Tensor, best: Tensor, area: int) -> Tensor:
              told = torch.flatten(torch.select(head, 1, 0))
              zeros = torch.zeros_like(told)
              places = torch.index_select(cells, 0, best)
              aims = torch.scatter_reduce(zeros, 0, places, torch.index_select(likeness, 0, best), "amax", include_self=False)
              image = torch.floor_divide(places, area)
              count = torch.index_add(torch.zeros_like(torch.slice(told, 0, 0, torch.size(head, 0))), 0, image, torch.ones_like(torch.index_select(told, 0, places)))
              weight = torch.mul(torch.reciprocal(torch.index_select(count, 0, image)), torch.mul(area, 0.25))
              weights = torch.index_copy(torch.add(zeros, 0.75), 0, places, weight)
              return torch.mean(torch.mul(torch.smooth_l1_loss(told, aims, 0, 1.), torch.detach(weights)))
            """);

    /** Checks the gains. */
    public FastestDetLoss {
        if (!(box >= 0 && objectness >= 0 && classes >= 0 && Double.isFinite(box + objectness + classes))) {
            throw new IllegalArgumentException(
                    "expected gains of at least 0, got " + box + ", " + objectness + " and " + classes);
        }
    }

    /** The reference's gains: 8, 16 and 1. */
    public FastestDetLoss() {
        this(8, 16, 1);
    }

    /**
     * Computes the terms.
     *
     * @param head (N, 5 + K, h, w): the sigmoid of objectness, four terms of a box, the softmax of the classes
     * @param targets the objects of each of the N images; what has no area, or its centre more than a cell outside, belongs
     *     to no cell
     * @param height H of the images
     * @param width W of the images
     * @return the scalars {@code box}, {@code objectness} and {@code classes}, whose sum is lowered; finite without any
     *     object too, box and classes are 0 then
     * @throws IllegalArgumentException if the shapes do not fit, or a label is not below K
     */
    public Map<String, NDArray> apply(NDArray head, List<BoxTargets> targets, int height, int width) {
        Shape shape = head.getShape();
        if (shape.dimension() != 4 || shape.get(0) != targets.size() || shape.get(1) <= TERMS) {
            throw new IllegalArgumentException(
                    "expected a head (" + targets.size() + " images, 5 + K, h, w), got " + shape);
        }
        int rows = Math.toIntExact(shape.get(2));
        int columns = Math.toIntExact(shape.get(3));
        int kinds = Math.toIntExact(shape.get(1)) - TERMS;
        List<Given> given = new ArrayList<>();
        for (int image = 0; image < targets.size(); image++) {
            float[] boxes = targets.get(image).boxes().toFloatArray();
            long[] labels = targets.get(image).labels().toLongArray();
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] < 0 || labels[i] >= kinds) {
                    throw new IllegalArgumentException("expected labels from 0 to " + (kinds - 1) + " for a head of "
                            + kinds + " classes, got " + labels[i]);
                }
                float x = (boxes[4 * i] + boxes[4 * i + 2]) / 2 * columns / width;
                float y = (boxes[4 * i + 1] + boxes[4 * i + 3]) / 2 * rows / height;
                float across = (boxes[4 * i + 2] - boxes[4 * i]) * columns / width;
                float down = (boxes[4 * i + 3] - boxes[4 * i + 1]) * rows / height;
                Given.add(given, image, rows, columns, labels[i], List.of(x, y, across, down));
            }
        }
        Arrays arrays = Arrays.of(given, head.getManager(), rows, columns);
        NDArray terms = SCRIPT.call("given", head, arrays.cells);
        NDArray likeness = SCRIPT.call("likeness", terms, arrays.corners, arrays.extents, arrays.boxes);
        NDArray best = SCRIPT.call("best", likeness);
        Map<String, NDArray> named = new LinkedHashMap<>();
        named.put("box", Scalars.mul(SCRIPT.call("box", likeness, best), box));
        NDArray told = SCRIPT.call("objectness", head, arrays.cells, likeness, best, (long) rows * columns);
        named.put("objectness", Scalars.mul(told, objectness));
        named.put("classes", Scalars.mul(SCRIPT.call("classes", terms, arrays.labels, best), classes));
        return named;
    }

    /** An object in a cell: the cell's place among all images' cells, its corner, and the object's box and class. */
    private record Given(long cell, int row, int column, long label, List<Float> box) {

        static void add(List<Given> to, int image, int rows, int columns, long label, List<Float> box) {
            boolean hasArea = box.get(2) > 0 && box.get(3) > 0;
            int left = (int) Math.floor(box.get(0));
            int top = (int) Math.floor(box.get(1));
            for (int row = top; hasArea && row <= top + 1; row++) {
                for (int column = left; column <= left + 1; column++) {
                    if (row >= 0 && row < rows && column >= 0 && column < columns) {
                        long cell = ((long) image * rows + row) * columns + column;
                        to.add(new Given(cell, row, column, label, box));
                    }
                }
            }
        }
    }

    /**
     * What is given, on the head's device.
     *
     * @param cells (P)
     * @param corners (P, 2) column and row
     * @param extents (1, 2) columns and rows of the map
     * @param boxes (P, 4) centre and size in cells
     * @param labels (P)
     */
    private record Arrays(NDArray cells, NDArray corners, NDArray extents, NDArray boxes, NDArray labels) {

        static Arrays of(List<Given> given, NDManager manager, int rows, int columns) {
            int count = given.size();
            long[] cells = new long[count];
            long[] labels = new long[count];
            float[] corners = new float[2 * count];
            float[] boxes = new float[4 * count];
            for (int i = 0; i < count; i++) {
                Given each = given.get(i);
                cells[i] = each.cell;
                labels[i] = each.label;
                corners[2 * i] = each.column;
                corners[2 * i + 1] = each.row;
                for (int j = 0; j < 4; j++) {
                    boxes[4 * i + j] = each.box.get(j);
                }
            }
            return new Arrays(
                    manager.create(cells, new Shape(count)),
                    manager.create(corners, new Shape(count, 2)),
                    manager.create(new float[] {columns, rows}, new Shape(1, 2)),
                    manager.create(boxes, new Shape(count, 4)),
                    manager.create(labels, new Shape(count)));
        }
    }
}
