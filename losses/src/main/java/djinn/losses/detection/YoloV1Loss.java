package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of the first YOLO (Redmon et al. 2016, section 2.2, equation 3): squares of everything.
 *
 * <p>An object is told by the cell of its centre; of two in one cell the first. Of the cell's two boxes the one that overlaps
 * it more is responsible, of equals the first. Of it the squares of what its centre, in cells, and the roots of its sides, as
 * shares of the image's, are off, and the square between its confidence and the overlap, which counts as a constant; of all
 * other boxes the square of the confidence; of the cell those between its classes and the object's. All are summed over the
 * image and are means over images.
 *
 * @param box gain of the boxes' term
 * @param absence gain of the confidence of boxes without an object
 */
public record YoloV1Loss(
        @Default("5") double box, @Default("0.5") double absence) {

    private static final int BOXES = 2;
    private static final int TERMS = 5;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def rows(head: Tensor, cells: Tensor) -> Tensor:
              return torch.index_select(torch.reshape(head, [-1, torch.size(head, 3)]), 0, cells)

            def terms(rows: Tensor, kinds: int) -> Tensor:
              return torch.reshape(torch.slice(rows, -1, kinds, torch.size(rows, -1)), [-1, 2, 5])

            def area(boxes: Tensor) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              return torch.prod(torch.clamp_min(sides, 0.), -1)

            def overlaps(terms: Tensor, corners: Tensor, side: float) -> Tensor:
              centre = torch.slice(terms, 2, 1, 3)
              root = torch.slice(terms, 2, 3, 5)
              half = torch.mul(torch.mul(root, root), torch.mul(side, 0.5))
              a = torch.cat([torch.sub(centre, half), torch.add(centre, half)], 2)
              b = torch.unsqueeze(corners, 1)
              low = torch.maximum(torch.slice(a, -1, 0, 2), torch.slice(b, -1, 0, 2))
              high = torch.minimum(torch.slice(a, -1, 2, 4), torch.slice(b, -1, 2, 4))
              shared = self.area(torch.cat([low, high], -1))
              union = torch.sub(torch.add(self.area(a), self.area(b)), shared)
              return torch.div(shared, torch.clamp_min(union, 1e-9))

            def responsible(overlaps: Tensor) -> Tensor:
              first = torch.slice(overlaps, 1, 0, 1)
              second = torch.slice(overlaps, 1, 1, 2)
              return torch.to(torch.cat([torch.ge(first, second), torch.lt(first, second)], 1), 6)

            def box(terms: Tensor, corners: Tensor, responsible: Tensor, side: float) -> Tensor:
              low = torch.slice(corners, 1, 0, 2)
              high = torch.slice(corners, 1, 2, 4)
              centre = torch.mul(torch.add(low, high), 0.5)
              root = torch.sqrt(torch.div(torch.sub(high, low), side))
              apart = torch.sub(torch.slice(terms, 2, 1, 5), torch.unsqueeze(torch.cat([centre, root], 1), 1))
              return torch.sum(torch.mul(torch.sum(torch.mul(apart, apart), [2]), responsible))

            def confidence(all: Tensor, cells: Tensor, overlaps: Tensor, responsible: Tensor, absence: float) -> Tensor:
              told = torch.select(all, 2, 0)
              own = torch.add(torch.mul(responsible, torch.sub(1., absence)), absence)
              weight = torch.index_copy(torch.full_like(told, absence), 0, cells, own)
              target = torch.index_copy(torch.zeros_like(told), 0, cells, torch.mul(overlaps, responsible))
              apart = torch.sub(told, target)
              return torch.sum(torch.mul(weight, torch.mul(apart, apart)))

            def classes(rows: Tensor, labels: Tensor, kinds: int) -> Tensor:
              told = torch.slice(rows, 1, 0, kinds)
              target = torch.scatter(torch.zeros_like(told), 1, torch.unsqueeze(labels, 1), 1.)
              apart = torch.sub(told, target)
              return torch.sum(torch.mul(apart, apart))
            """);

    /** Checks the gains. */
    public YoloV1Loss {
        if (!(box >= 0 && absence >= 0 && Double.isFinite(box + absence))) {
            throw new IllegalArgumentException("expected gains of at least 0, got " + box + " and " + absence);
        }
    }

    /** The paper's: 5 and 0.5. */
    public YoloV1Loss() {
        this(5, .5);
    }

    /**
     * Computes the terms.
     *
     * @param heads the one: (N, S, S, K + 10): K classes, and of each of two boxes its confidence, its centre in cells from
     *     the cell's corner, and the roots of its width and height as shares of the image's
     * @param targets the objects of each of the N images; what lies outside an image belongs to the cells at its edge, and
     *     what has no area to none
     * @param size H and W of the images
     * @return the scalars {@code box}, {@code objectness} and {@code classes}, whose sum is lowered; finite without any
     *     object too, box and classes are 0 then
     * @throws IllegalArgumentException if the shapes do not fit, or a label is not below K
     */
    public Map<String, NDArray> apply(NDList heads, List<BoxTargets> targets, int size) {
        require(heads, targets);
        NDArray head = heads.get(0);
        int kinds = Math.toIntExact(head.getShape().get(3)) - BOXES * TERMS;
        int grid = Math.toIntExact(head.getShape().get(1));
        double side = grid;
        Told told = Told.of(YoloObjects.of(targets, kinds), head.getManager(), grid, (float) size / grid);
        NDArray rows = SCRIPT.call("rows", head, told.cells); // (P, K + 10)
        NDArray terms = SCRIPT.call("terms", rows, kinds); // (P, 2, 5)
        NDArray overlaps;
        NDArray responsible;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            overlaps = SCRIPT.call("overlaps", terms, told.corners, side); // (P, 2)
            responsible = SCRIPT.call("responsible", overlaps); // (P, 2)
        }
        NDArray all = SCRIPT.call("terms", head, kinds); // (N S S, 2, 5)
        NDArray boxes = SCRIPT.call("box", terms, told.corners, responsible, side);
        NDArray sure = SCRIPT.call("confidence", all, told.cells, overlaps, responsible, absence);
        Map<String, NDArray> named = new LinkedHashMap<>();
        named.put("box", Scalars.mul(boxes, box / targets.size()));
        named.put("objectness", Scalars.div(sure, targets.size()));
        named.put("classes", Scalars.div(SCRIPT.call("classes", rows, told.labels, kinds), targets.size()));
        return named;
    }

    /**
     * The objects that cells tell.
     *
     * @param cells (P) places in (N, S, S)
     * @param corners (P, 4) x1, y1, x2, y2 in cells, from the cell's corner
     * @param labels (P)
     */
    private record Told(NDArray cells, NDArray corners, NDArray labels) {

        static Told of(YoloObjects objects, NDManager manager, int grid, float stride) {
            // one anchor of a whole image: all that is asked for is the cell
            YoloMatch.Level map =
                    new YoloMatch.Level(List.of(new YoloMatch.Sides(grid * stride, grid * stride)), grid, grid, stride);
            Map<Long, YoloMatch> first = new LinkedHashMap<>();
            for (int image = 0; image < objects.boxes().size(); image++) {
                float[] boxes = objects.boxes().get(image);
                long[] labels = objects.labels().get(image);
                for (YoloMatch match : YoloMatch.byOverlap(image, boxes, labels, List.of(map), 1)
                        .get(0)) {
                    first.putIfAbsent(((long) image * grid + match.row()) * grid + match.column(), match);
                }
            }
            long[] cells = first.keySet().stream().mapToLong(Long::longValue).toArray();
            List<YoloMatch> matches = List.copyOf(first.values());
            float[] corners = new float[4 * cells.length];
            long[] labels = new long[cells.length];
            for (int i = 0; i < cells.length; i++) {
                matches.get(i).writeCorners(corners, 4 * i);
                labels[i] = matches.get(i).label();
            }
            return new Told(
                    manager.create(cells, new Shape(cells.length)),
                    manager.create(corners, new Shape(cells.length, 4)),
                    manager.create(labels, new Shape(cells.length)));
        }
    }

    private static void require(NDList heads, List<BoxTargets> targets) {
        Shape shape = heads.isEmpty() ? new Shape() : heads.get(0).getShape();
        if (heads.size() != 1
                || shape.dimension() != 4
                || shape.get(0) != targets.size()
                || shape.get(1) != shape.get(2)
                || shape.get(3) <= BOXES * TERMS) {
            throw new IllegalArgumentException("expected one head (" + targets.size() + " images, S, S, K + "
                    + BOXES * TERMS + "), got " + heads.size() + " and " + shape);
        }
    }
}
