package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.BinaryCrossEntropyWithLogits;
import djinn.losses.Reduction;
import djinn.losses.SmoothL1;
import djinn.ops.BoxCoder;
import djinn.ops.Default;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a region proposal network is trained with (Ren et al. 2015, section 3.1.2), as torchvision computes it: the binary
 * cross entropy of some anchors of each image, with an object and without, and the smooth absolute error of the codes of
 * the former; both over the number of the anchors chosen in the whole batch.
 *
 * @param foreground the IoU from which an anchor has an object
 * @param background the IoU below which it has none; between the two it is ignored
 * @param samples how many anchors of an image count
 * @param positives the largest share of those with an object
 */
public record RegionProposalLoss(
        @Default("0.7") double foreground,
        @Default("0.3") double background,
        @Default("256") int samples,
        @Default("0.5") double positives) {

    static final SmoothL1 ERROR = new SmoothL1(1. / 9, Reduction.SUM);

    private static final BinaryCrossEntropyWithLogits ENTROPY =
            new BinaryCrossEntropyWithLogits(List.of(), List.of(), Reduction.SUM);

    /** torchvision's settings. */
    public RegionProposalLoss() {
        this(.7, .3, 256, .5);
    }

    /**
     * Computes the terms.
     *
     * @param objectness (N, A, 1) logits
     * @param codes (N, A, 4) from the anchors to the proposals, of weights 1
     * @param anchors (A, 4) x1, y1, x2, y2 in pixels
     * @param targets the objects of each of the N images
     * @return the scalars {@code objectness} and {@code proposal_regression}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDArray objectness, NDArray codes, NDArray anchors, List<BoxTargets> targets) {
        Rows.requireFitting(new NDList(objectness, codes), anchors, targets);
        Matcher matcher = new Matcher(foreground, background, Matcher.Forced.TIES);
        BalancedSampler sampler = new BalancedSampler(samples, positives);
        NDList entropies = new NDList();
        NDList errors = new NDList();
        long count = 0;
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDArray matched = matcher.match(anchors, target.boxes()); // (A)
            NDArray rows = sampler.sample(matched); // (S)
            NDArray chosen = Rows.pick(matched, rows); // (S)
            count += rows.size();
            NDArray logits = Rows.pick(Rows.image(objectness, i), rows); // (S, 1)
            entropies.add(ENTROPY.apply(logits, Rows.haveObject(chosen, logits)));

            NDArray positive = Rows.withObject(chosen); // (F)
            NDArray own = Rows.pick(rows, positive); // (F)
            NDArray boxes = Rows.pick(target.boxes(), Rows.pick(chosen, positive)); // (F, 4)
            NDArray wanted = BoxCoder.PLAIN.encode(boxes, Rows.pick(anchors, own)); // (F, 4)
            errors.add(ERROR.apply(Rows.pick(Rows.image(codes, i), own), wanted));
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("objectness", Rows.over(Rows.sum(entropies), count));
        terms.put("proposal_regression", Rows.over(Rows.sum(errors), count));
        return terms;
    }
}
