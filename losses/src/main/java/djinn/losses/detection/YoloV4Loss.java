package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.BoxCiou;
import djinn.losses.Reduction;
import djinn.ops.Default;
import djinn.ops.Scalars;
import djinn.ops.TorchScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of YOLOv4 (Bochkovskiy et al. 2020, section 3.4), with the gains of the authors' {@code yolov4.cfg}.
 *
 * <p>Each object is given, in the cell of its centre, to the anchor of all maps whose shape overlaps it most and to all whose
 * shapes overlap it by more than a threshold. Of these 1 - CIoU of the boxes, and the cross entropy of each class; of
 * objectness the cross entropy with 1 where there is an object, and with 0 elsewhere, but for boxes that overlap any object
 * by more than another threshold. All are summed over the image and its maps and are means over images.
 *
 * @param box gain of the boxes' term
 * @param objectness gain of objectness
 * @param classes gain of the classes' term
 * @param assigned the overlap of shapes from which, exclusive, an anchor has the object besides the best one
 * @param ignored the overlap with an object from which, exclusive, a box without one may say what it will
 */
public record YoloV4Loss(
        @Default("0.07") double box,
        @Default("1") double objectness,
        @Default("1") double classes,
        @Default("0.213") double assigned,
        @Default("0.7") double ignored) {

    private static final int MOST_MAPS = 3;
    private static final BoxCiou CIOU = new BoxCiou(Reduction.SUM);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def objectness(head: Tensor, cells: Tensor, crowding: Tensor, ignored: float) -> Tensor:
              logits = torch.reshape(torch.select(head, 4, 4), [-1])
              weight = torch.index_fill(torch.to(torch.logical_not(torch.gt(crowding, ignored)), 6), 0, cells, 1.)
              target = torch.index_fill(torch.zeros_like(weight), 0, cells, 1.)
              return torch.binary_cross_entropy_with_logits(logits, target, weight, None, 2)

            def classes(terms: Tensor, labels: Tensor) -> Tensor:
              logits = torch.slice(terms, 1, 5, torch.size(terms, 1))
              target = torch.scatter(torch.zeros_like(logits), 1, torch.unsqueeze(labels, 1), 1.)
              return torch.binary_cross_entropy_with_logits(logits, target, None, None, 2)
            """);

    /** Checks the gains and the thresholds. */
    public YoloV4Loss {
        if (!(box >= 0 && objectness >= 0 && classes >= 0 && Double.isFinite(box + objectness + classes))) {
            throw new IllegalArgumentException(
                    "expected gains of at least 0, got " + box + ", " + objectness + " and " + classes);
        }
        if (!(assigned >= 0 && assigned <= 1 && ignored >= 0 && ignored <= 1)) {
            throw new IllegalArgumentException("expected thresholds from 0 to 1, got " + assigned + " and " + ignored);
        }
    }

    /** The authors' gains: 0.07, 1, 1, and thresholds of 0.213 and 0.7. */
    public YoloV4Loss() {
        this(.07, 1, 1, .213, .7);
    }

    /**
     * Computes the terms.
     *
     * @param heads of the L maps, the finest first: (N, a, h, w, 5 + K) before any function
     * @param targets the objects of each of the N images; what lies outside an image belongs to the cells at its edge, and
     *     what has no area to none
     * @param anchors (L, a, 2) widths and heights in cells of each map
     * @param stretches how far the sigmoids of centres are stretched around their cell's middle, of each map
     * @param height H of the images
     * @return the scalars {@code box}, {@code objectness} and {@code classes}, whose sum is lowered; finite without any
     *     object too, box and classes are 0 then
     * @throws IllegalArgumentException if the shapes do not fit, or a label is not below K
     */
    public Map<String, NDArray> apply(
            NDList heads, List<BoxTargets> targets, NDArray anchors, List<Double> stretches, int height) {
        YoloObjects.requireFitting(heads, targets, anchors, MOST_MAPS);
        if (stretches.size() != heads.size()) {
            throw new IllegalArgumentException(
                    "expected a stretch for each of " + heads.size() + " heads, got " + stretches);
        }
        int kinds = Math.toIntExact(heads.get(0).getShape().get(4)) - YoloCells.TERMS;
        YoloObjects objects = YoloObjects.of(targets, kinds);
        float[] shapes = anchors.toFloatArray();
        int perMap = shapes.length / heads.size();
        List<float[]> sizes = new ArrayList<>();
        List<YoloMatch.Level> maps = new ArrayList<>();
        for (NDArray head : heads) {
            int from = maps.size() * perMap;
            sizes.add(Arrays.copyOfRange(shapes, from, from + perMap));
            float stride = (float) height / head.getShape().get(2);
            maps.add(YoloMatch.Level.of(head, sizes.get(maps.size()), stride));
        }
        List<List<YoloMatch>> matches = matches(objects, maps);
        Map<String, NDArray> terms = new LinkedHashMap<>();
        for (int level = 0; level < maps.size(); level++) {
            NDArray head = heads.get(level);
            double stretch = stretches.get(level);
            YoloMatched matched = YoloMatched.of(matches.get(level), head, sizes.get(level));
            NDArray found = YoloCells.rows(head, matched.cells()); // (P, 5 + K)
            NDArray corners = YoloCells.corners(found, matched.anchors(), stretch); // (P, 4)
            NDArray own = YoloCells.anchors(head, sizes.get(level));
            NDArray crowding =
                    YoloCells.crowding(head, own, targets, maps.get(level).stride(), stretch); // (N a h w)
            add(terms, "box", CIOU.apply(corners, matched.corners()), box, targets);
            NDArray sure = SCRIPT.call("objectness", head, matched.cells(), crowding, ignored);
            add(terms, "objectness", sure, objectness, targets);
            add(terms, "classes", SCRIPT.call("classes", found, matched.labels()), classes, targets);
        }
        return terms;
    }

    /** The matches of each map, image after image. */
    private List<List<YoloMatch>> matches(YoloObjects objects, List<YoloMatch.Level> maps) {
        List<List<YoloMatch>> matches = new ArrayList<>();
        maps.forEach(map -> matches.add(new ArrayList<>()));
        for (int image = 0; image < objects.boxes().size(); image++) {
            List<List<YoloMatch>> own = YoloMatch.byOverlap(
                    image, objects.boxes().get(image), objects.labels().get(image), maps, assigned);
            for (int level = 0; level < maps.size(); level++) {
                matches.get(level).addAll(own.get(level));
            }
        }
        return matches;
    }

    private static void add(
            Map<String, NDArray> terms, String name, NDArray sum, double gain, List<BoxTargets> images) {
        terms.merge(name, Scalars.mul(sum, gain / images.size()), NDArray::add);
    }
}
