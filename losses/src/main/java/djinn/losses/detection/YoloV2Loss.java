package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.BoxIou;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.ops.Default;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of YOLOv2 (Redmon and Farhadi 2017, section 2), which the paper does not write down; as Darknet's region layer
 * computes it, whose gradients these are.
 *
 * <p>Each object is given to the anchor whose shape overlaps it most, in the cell of its centre; of two that are given to one
 * anchor of one cell the last counts. Of these half the squares between the sigmoids and the centre, and between exponents
 * and log(extent / anchor), times 2 less the share of the image that the object covers; half the square between objectness
 * and the overlap with the object; and the cross entropy of the softmax. Of all other boxes half the square of objectness,
 * unless they overlap any object by more than a threshold. All are summed over the image and are means over images.
 * Deviation: the boxes of the first 12,800 images are not drawn to their anchors.
 *
 * @param box gain of the boxes' term
 * @param objectness gain of objectness where there is an object
 * @param absence gain of objectness where there is none
 * @param classes gain of the classes' term
 * @param ignored the overlap with an object from which, exclusive, a box without one may say what it will
 */
public record YoloV2Loss(
        @Default("1") double box,
        @Default("5") double objectness,
        @Default("1") double absence,
        @Default("1") double classes,
        @Default("0.6") double ignored) {

    private static final BoxIou IOU = new BoxIou(Reduction.NONE);
    private static final CrossEntropy ENTROPY = new CrossEntropy(List.of(), 0, -100, Reduction.SUM);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def box(terms: Tensor, corners: Tensor, anchors: Tensor, cells: float) -> Tensor:
              low = torch.slice(corners, 1, 0, 2)
              high = torch.slice(corners, 1, 2, 4)
              size = torch.sub(high, low)
              place = torch.sub(torch.sigmoid(torch.slice(terms, 1, 0, 2)), torch.mul(torch.add(low, high), 0.5))
              extent = torch.sub(torch.slice(terms, 1, 2, 4), torch.log(torch.div(size, anchors)))
              errors = torch.add(torch.sum(torch.mul(place, place), [1]), torch.sum(torch.mul(extent, extent), [1]))
              weight = torch.rsub(torch.div(torch.prod(size, 1), cells), 2)
              return torch.mul(torch.sum(torch.mul(weight, errors)), 0.5)

            def objectness(head: Tensor, cells: Tensor, errors: Tensor, crowding: Tensor, present: float, absent: float, ignored: float) -> Tensor:
              p = torch.sigmoid(torch.reshape(torch.select(head, 4, 4), [-1]))
              weight0 = torch.mul(torch.to(torch.logical_not(torch.gt(crowding, ignored)), 6), absent)
              weight = torch.index_fill(weight0, 0, cells, present)
              target = torch.index_copy(torch.zeros_like(weight), 0, cells, torch.rsub(torch.detach(errors), 1))
              apart = torch.sub(p, target)
              return torch.mul(torch.sum(torch.mul(weight, torch.mul(apart, apart))), 0.5)

            def kinds(terms: Tensor) -> Tensor:
              return torch.slice(terms, 1, 5, torch.size(terms, 1))
            """);

    /** Checks the gains and the threshold. */
    public YoloV2Loss {
        if (!(box >= 0
                && objectness >= 0
                && absence >= 0
                && classes >= 0
                && Double.isFinite(box + objectness + absence + classes))) {
            throw new IllegalArgumentException("expected gains of at least 0, got " + box + ", " + objectness + ", "
                    + absence + " and " + classes);
        }
        if (!(ignored >= 0 && ignored <= 1)) {
            throw new IllegalArgumentException("expected a threshold from 0 to 1, got " + ignored);
        }
    }

    /** Darknet's settings: 1, 5, 1, 1 and a threshold of 0.6. */
    public YoloV2Loss() {
        this(1, 5, 1, 1, .6);
    }

    /**
     * Computes the terms.
     *
     * @param heads of the one map: (N, a, h, w, 5 + K) before any function
     * @param targets the objects of each of the N images; what lies outside an image belongs to the cells at its edge, and
     *     what has no area to none
     * @param anchors (1, a, 2) widths and heights in cells
     * @param height H of the images
     * @return the scalars {@code box}, {@code objectness} and {@code classes}, whose sum is lowered; finite without any
     *     object too, box and classes are 0 then
     * @throws IllegalArgumentException if the shapes do not fit, or a label is not below K
     */
    public Map<String, NDArray> apply(NDList heads, List<BoxTargets> targets, NDArray anchors, int height) {
        YoloObjects.requireFitting(heads, targets, anchors, 1);
        NDArray head = heads.get(0);
        int kinds = Math.toIntExact(head.getShape().get(4)) - YoloCells.TERMS;
        YoloObjects objects = YoloObjects.of(targets, kinds);
        float[] sizes = anchors.toFloatArray();
        YoloMatch.Level map =
                YoloMatch.Level.of(head, sizes, (float) height / head.getShape().get(2));
        Map<List<Integer>, YoloMatch> matches = new LinkedHashMap<>();
        for (int image = 0; image < targets.size(); image++) {
            YoloMatch.byOverlap(
                            image, objects.boxes().get(image), objects.labels().get(image), List.of(map), 1)
                    .get(0)
                    .forEach(match ->
                            matches.put(List.of(match.image(), match.anchor(), match.row(), match.column()), match));
        }
        YoloMatched matched = YoloMatched.of(new ArrayList<>(matches.values()), head, sizes);
        NDArray found = YoloCells.rows(head, matched.cells()); // (P, 5 + K)
        NDArray errors = IOU.apply(YoloCells.corners(found, matched.anchors(), 1), matched.corners()); // (P)
        NDArray crowding =
                YoloCells.crowding(head, YoloCells.anchors(head, sizes), targets, map.stride(), 1); // (N a h w)
        Map<String, NDArray> terms = new LinkedHashMap<>();
        double cells = (double) map.rows() * map.columns();
        add(terms, "box", SCRIPT.call("box", found, matched.corners(), matched.anchors(), cells), box, targets);
        add(
                terms,
                "objectness",
                SCRIPT.call("objectness", head, matched.cells(), errors, crowding, objectness, absence, ignored),
                1,
                targets);
        add(terms, "classes", ENTROPY.apply(SCRIPT.call("kinds", found), matched.labels()), classes, targets);
        return terms;
    }

    private static void add(
            Map<String, NDArray> terms, String name, NDArray sum, double gain, List<BoxTargets> images) {
        terms.put(name, Scalars.mul(sum, gain / images.size()));
    }
}
