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
 * The loss of YOLOv5 (Jocher 2020, release 6), for YOLOv3's heads as well: of each map 1 - CIoU of the matched boxes,
 * binary cross entropy between objectness and the CIoU of what is matched, and between classes and the object's.
 *
 * <p>Each object is given to the anchors whose sides differ from its own by less than the ratio, in the cell of its centre
 * and in the two cells next to it. Where several objects are given to one anchor of one cell, objectness aims at the
 * greatest CIoU. Per map the terms are means; the maps' are summed, objectness with 4, 1 and 0.4 for strides 8, 16 and 32
 * of three maps, with 4, 1, 0.25, 0.06 and 0.02 of other numbers. As in the reference the gains are made up for other
 * numbers of maps L, classes K and pixels: box times 3 / L, classes times K / 80 times 3 / L, objectness times H W / 640^2
 * times 3 / L. Deviation: the reference multiplies the sum by the number of images, for it adds up what it accumulates.
 *
 * @param box gain of the boxes' term
 * @param objectness gain of objectness
 * @param classes gain of the classes' term; with one class there is none
 * @param ratio how many times longer or shorter than an anchor's an object's sides are, at most
 */
public record YoloLoss(
        @Default("0.05") double box,
        @Default("1") double objectness,
        @Default("0.5") double classes,
        @Default("4") double ratio) {

    private static final List<Double> THREE_MAPS = List.of(4., 1., .4);
    private static final List<Double> OTHER_MAPS = List.of(4., 1., .25, .06, .02);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def corners(terms: Tensor, anchors: Tensor) -> Tensor:
              centre = torch.sub(torch.mul(torch.sigmoid(torch.slice(terms, 1, 0, 2)), 2.), 0.5)
              root = torch.mul(torch.sigmoid(torch.slice(terms, 1, 2, 4)), 2.)
              half = torch.mul(torch.mul(torch.mul(root, root), anchors), 0.5)
              return torch.cat([torch.sub(centre, half), torch.add(centre, half)], 1)

            def mean(x: Tensor) -> Tensor:
              count = torch.numel(x)
              if torch.gt(count, 0):
                y = torch.mean(x)
              else:
                y = torch.sum(x)
              return y

            def objectness(head: Tensor, cells: Tensor, errors: Tensor) -> Tensor:
              logits = torch.select(head, 4, 4)
              target = torch.zeros_like(torch.reshape(logits, [-1]))
              overlaps = torch.clamp_min(torch.rsub(torch.detach(errors), 1), 0.)
              aims = torch.scatter_reduce(target, 0, cells, overlaps, "amax")
              return torch.binary_cross_entropy_with_logits(torch.reshape(logits, [-1]), aims, None, None, 1)

            def classes(terms: Tensor, labels: Tensor) -> Tensor:
              logits = torch.slice(terms, 1, 5, torch.size(terms, 1))
              target = torch.scatter(torch.zeros_like(logits), 1, torch.unsqueeze(labels, 1), 1.)
              return self.mean(torch.binary_cross_entropy_with_logits(logits, target, None, None, 0))
            """);

    /** Checks the gains and the ratio. */
    public YoloLoss {
        if (!(box >= 0 && objectness >= 0 && classes >= 0 && Double.isFinite(box + objectness + classes))) {
            throw new IllegalArgumentException(
                    "expected gains of at least 0, got " + box + ", " + objectness + " and " + classes);
        }
        if (!(ratio > 1)) {
            throw new IllegalArgumentException("expected a ratio above 1, got " + ratio);
        }
    }

    /** The release's gains for training from scratch: 0.05, 1, 0.5 and a ratio of 4. */
    public YoloLoss() {
        this(.05, 1, .5, 4);
    }

    /**
     * Computes the terms.
     *
     * @param heads of the L maps, the finest first: (N, a, h, w, 5 + K) before any function
     * @param targets the objects of each of the N images; what lies outside an image belongs to the cells at its edge, and
     *     what has no area to none
     * @param anchors (L, a, 2) widths and heights in cells of each map
     * @param height H of the images
     * @param width W of the images
     * @return the scalars {@code box}, {@code objectness} and {@code classes}, whose sum is lowered; finite without any
     *     object too, box and classes are 0 then
     * @throws IllegalArgumentException if the shapes do not fit, or a label is not below K
     */
    public Map<String, NDArray> apply(NDList heads, List<BoxTargets> targets, NDArray anchors, int height, int width) {
        YoloObjects.requireFitting(heads, targets, anchors, OTHER_MAPS.size());
        float[] shapes = anchors.toFloatArray();
        int perMap = shapes.length / heads.size();
        double share = 3. / heads.size();
        int kinds = Math.toIntExact(heads.get(0).getShape().get(4)) - YoloCells.TERMS;
        YoloObjects objects = YoloObjects.of(targets, kinds);
        List<Double> balance = heads.size() == 3 ? THREE_MAPS : OTHER_MAPS;
        Map<String, NDArray> terms = new LinkedHashMap<>();
        for (int level = 0; level < heads.size(); level++) {
            NDArray head = heads.get(level);
            int rows = Math.toIntExact(head.getShape().get(2));
            int columns = Math.toIntExact(head.getShape().get(3));
            float[] own = Arrays.copyOfRange(shapes, level * perMap, (level + 1) * perMap);
            List<YoloMatch> matches = new ArrayList<>();
            float stride = (float) height / rows;
            for (int image = 0; image < targets.size(); image++) {
                float[] boxes = objects.boxes().get(image);
                long[] labels = objects.labels().get(image);
                matches.addAll(YoloMatch.of(image, boxes, labels, own, rows, columns, stride, ratio));
            }
            YoloMatched matched = YoloMatched.of(matches, head, own);
            NDArray found = YoloCells.rows(head, matched.cells());
            NDArray corners = SCRIPT.call("corners", found, matched.anchors());
            NDArray errors = new BoxCiou(Reduction.NONE).apply(corners, matched.corners());
            add(terms, "box", SCRIPT.call("mean", errors), box * share);
            add(
                    terms,
                    "objectness",
                    SCRIPT.call("objectness", head, matched.cells(), errors),
                    objectness * balance.get(level) * share * ((double) height * width / (640 * 640)));
            add(
                    terms,
                    "classes",
                    SCRIPT.call("classes", found, matched.labels()),
                    kinds == 1 ? 0 : classes * kinds / 80 * share);
        }
        return terms;
    }

    private static void add(Map<String, NDArray> terms, String name, NDArray term, double gain) {
        terms.merge(name, Scalars.mul(term, gain), NDArray::add);
    }
}
