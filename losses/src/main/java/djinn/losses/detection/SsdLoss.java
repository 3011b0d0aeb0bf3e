package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.losses.SmoothL1;
import djinn.ops.BoxCoder;
import djinn.ops.Default;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What SSD is trained with (Liu et al. 2016, section 2.2), as torchvision computes it: the smooth absolute error of the
 * codes of anchors with an object, and the cross entropy of these and of the hardest backgrounds, both over the number
 * of anchors with an object in the whole batch.
 *
 * @param foreground the IoU from which an anchor has an object
 * @param negativeRatio how many backgrounds count for each anchor with an object
 */
public record SsdLoss(
        @Default("0.5") double foreground, @Default("3") double negativeRatio) {

    private static final SmoothL1 ERROR = new SmoothL1(1, Reduction.SUM);
    private static final CrossEntropy ENTROPY = new CrossEntropy(List.of(), 0, -100, Reduction.NONE);

    /** torchvision's settings. */
    public SsdLoss() {
        this(.5, 3);
    }

    /**
     * Computes the terms.
     *
     * @param heads codes (N, A, 4) and logits (N, A, K + 1), the background's first
     * @param anchors (A, 4) x1, y1, x2, y2 in pixels
     * @param targets the objects of each of the N images
     * @return the scalars {@code bbox_regression} and {@code classification}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDList heads, NDArray anchors, List<BoxTargets> targets) {
        Rows.requireFitting(heads, anchors, targets);
        Matcher matcher = new Matcher(foreground, foreground, Matcher.Forced.ONE);
        NDList regression = new NDList();
        NDList labels = new NDList();
        long count = 0;
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDArray matched = matcher.match(anchors, target.boxes()); // (A)
            NDArray rows = Rows.withObject(matched); // (F)
            NDArray codes = Rows.pick(Rows.image(heads.get(0), i), rows); // (F, 4)
            NDArray boxes = Rows.pick(target.boxes(), Rows.pick(matched, rows)); // (F, 4)
            NDArray wanted = BoxCoder.SSD.encode(boxes, Rows.pick(anchors, rows)); // (F, 4)
            regression.add(ERROR.apply(codes, wanted));
            labels.add(Rows.labelled(matched, target.labels())); // (A)
            count += rows.size();
        }
        NDArray logits = heads.get(1);
        Shape shape = logits.getShape();
        NDArray classes = NDArrays.stack(labels); // (N, A)
        NDArray entropies = ENTROPY.apply(logits.reshape(-1, shape.get(2)), classes.reshape(-1))
                .reshape(shape.get(0), shape.get(1)); // (N, A)
        NDArray counted = new HardNegativeMining(negativeRatio).counted(entropies, classes); // (N, A)
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("bbox_regression", Rows.over(Rows.sum(regression), count));
        terms.put("classification", Rows.over(entropies.mul(counted).sum(), count));
        return terms;
    }
}
