package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.Mae;
import djinn.losses.Reduction;
import djinn.losses.SigmoidFocal;
import djinn.ops.BoxCoder;
import djinn.ops.Default;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What RetinaNet is trained with (Lin et al. 2017, "Focal loss for dense object detection", section 4), as torchvision
 * computes it: of each image the focal loss of all anchors that are not ignored and the absolute error of the codes of
 * those with an object, both over the number of the latter; then the mean of the images.
 *
 * @param foreground the IoU from which an anchor has an object
 * @param background the IoU below which it has none; between the two it is ignored
 * @param alpha the focal loss's weight of classes that are there
 * @param gamma how strongly it plays down what is easy
 */
public record RetinaNetLoss(
        @Default("0.5") double foreground,
        @Default("0.4") double background,
        @Default("0.25") double alpha,
        @Default("2") double gamma) {

    private static final Mae ERROR = new Mae(Reduction.SUM);

    /** torchvision's settings. */
    public RetinaNetLoss() {
        this(.5, .4, .25, 2);
    }

    /**
     * Computes the terms.
     *
     * @param heads logits (N, A, K) and codes (N, A, 4)
     * @param anchors (A, 4) x1, y1, x2, y2 in pixels
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification} and {@code bbox_regression}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDList heads, NDArray anchors, List<BoxTargets> targets) {
        Matcher matcher = new Matcher(foreground, background, Matcher.Forced.TIES);
        return apply(heads, anchors, targets, boxes -> matcher.match(anchors, boxes));
    }

    /**
     * Computes the terms where another rule than the IoU's thresholds says which anchors have an object.
     *
     * @param heads logits (N, A, K) and codes (N, A, 4)
     * @param anchors (A, 4) x1, y1, x2, y2 in pixels
     * @param targets the objects of each of the N images
     * @param matching from an image's boxes (M, 4), M may be 0, to (A) int64: the object's row, {@link Matcher#BACKGROUND} or
     *     {@link Matcher#IGNORED}; such as an {@link AtssMatcher}
     * @return the scalars {@code classification} and {@code bbox_regression}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(
            NDList heads, NDArray anchors, List<BoxTargets> targets, UnaryOperator<NDArray> matching) {
        Rows.requireFitting(heads, anchors, targets);
        SigmoidFocal focal = new SigmoidFocal(alpha, gamma, Reduction.NONE);
        NDList classification = new NDList();
        NDList regression = new NDList();
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDArray logits = Rows.image(heads.get(0), i); // (A, K)
            NDArray matched = matching.apply(target.boxes()); // (A)
            NDArray rows = Rows.withObject(matched); // (F)
            NDArray focals = focal.apply(logits, Rows.oneHot(logits, matched, target.labels())); // (A, K)
            classification.add(Rows.over(Rows.sumOfNotIgnored(focals, matched), rows.size()));

            NDArray codes = Rows.pick(Rows.image(heads.get(1), i), rows); // (F, 4)
            NDArray boxes = Rows.pick(target.boxes(), Rows.pick(matched, rows)); // (F, 4)
            NDArray wanted = BoxCoder.PLAIN.encode(boxes, Rows.pick(anchors, rows)); // (F, 4)
            regression.add(Rows.over(ERROR.apply(codes, wanted), rows.size()));
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("classification", Rows.mean(classification));
        terms.put("bbox_regression", Rows.mean(regression));
        return terms;
    }
}
