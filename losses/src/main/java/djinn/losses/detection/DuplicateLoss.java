package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;
import java.util.Map;

/**
 * What a network is trained with that learns which of an object's boxes is told (Hu et al. 2018, section 4.3): the binary
 * cross entropy of the final score, a box's own times the chance that it is no duplicate, averaged over boxes, classes and
 * overlaps. For each of the overlaps 0.5, 0.6 ... 0.9 the box of the highest score is right among those that overlap an
 * object of their class by as much, and none of its class by more; all others are not.
 *
 * @param positives the weight of boxes that are right, of which there are few; the authors' code has 4
 */
public record DuplicateLoss(@Default("4") double positives) {

    private static final List<Double> OVERLAPS = List.of(.5, .6, .7, .8, .9);

    /** Logits up to this are of boxes that were not looked at. */
    private static final double LEFT_OUT = -99;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def probabilities(logits: Tensor) -> Tensor:
              return torch.slice(torch.softmax(logits, 1), 1, 1)

            def area(boxes: Tensor) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              return torch.prod(torch.clamp_min(sides, 0.), -1)

            def iou(a: Tensor, b: Tensor) -> Tensor:
              low = torch.maximum(torch.slice(a, -1, 0, 2), torch.slice(b, -1, 0, 2))
              high = torch.minimum(torch.slice(a, -1, 2, 4), torch.slice(b, -1, 2, 4))
              shared = self.area(torch.cat([low, high], -1))
              union = torch.sub(torch.add(self.area(a), self.area(b)), shared)
              return torch.div(shared, torch.clamp_min(union, 1e-9))

            def right(boxes: Tensor, scores: Tensor, looked: Tensor, truths: Tensor, labels: Tensor, overlap: float) -> Tensor:
              own = torch.unsqueeze(torch.index_select(boxes, 1, labels), 2)
              iou = self.iou(own, torch.unsqueeze(torch.unsqueeze(truths, 0), 0))
              same = torch.eq(torch.unsqueeze(labels, 1), torch.unsqueeze(labels, 0))
              most = torch.amax(torch.where(same, iou, torch.full_like(iou, -1.)), [2])
              mine = torch.diagonal(iou, 0, 1, 2)
              near = torch.logical_and(torch.ge(mine, overlap), torch.ge(mine, most))
              fits = torch.logical_and(near, torch.index_select(looked, 1, labels))
              ranked = torch.where(fits, torch.index_select(scores, 1, labels), torch.full_like(mine, -1.))
              best, rows = torch.max(ranked, 0)
              places = torch.add(torch.mul(rows, torch.size(scores, 1)), labels)
              found = torch.masked_select(places, torch.ge(best, 0.))
              flat = torch.index_fill(torch.flatten(torch.zeros_like(scores)), 0, found, 1.)
              return torch.reshape(flat, torch.size(scores))

            def looked(logits: Tensor, left_out: float) -> Tensor:
              return torch.gt(torch.select(logits, 2, 0), left_out)

            def none(logits: Tensor) -> Tensor:
              return torch.zeros_like(logits)

            def entropy(scores: Tensor, logits: Tensor, right: Tensor, looked: Tensor, positives: float) -> Tensor:
              p = torch.mul(torch.unsqueeze(scores, 2), torch.sigmoid(logits))
              hit = torch.mul(torch.mul(torch.log(torch.clamp_min(p, 1e-7)), right), positives)
              miss = torch.mul(torch.log(torch.clamp_min(torch.rsub(p, 1), 1e-7)), torch.rsub(right, 1))
              each = torch.mul(torch.sum(torch.add(hit, miss), [2]), torch.type_as(looked, p))
              count = torch.mul(torch.clamp_min(torch.sum(looked), 1), torch.size(logits, 2))
              return torch.neg(torch.div(torch.sum(each), count))
            """);

    /** The authors' settings. */
    public DuplicateLoss() {
        this(4);
    }

    /** Checks the weight. */
    public DuplicateLoss {
        if (!(positives > 0)) {
            throw new IllegalArgumentException("expected a weight of positives above 0, got " + positives);
        }
    }

    /**
     * Computes the term.
     *
     * @param regions (R, 5), image by image
     * @param logits (R, K + 1), the background's first
     * @param boxes (R, K, 4) of the regions, without gradients
     * @param distinct (R, K, 5) logits of being no duplicate; of boxes that were not looked at -100
     * @param targets the objects of each of the N images
     * @return the scalar {@code duplicates}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(
            NDArray regions, NDArray logits, NDArray boxes, NDArray distinct, List<BoxTargets> targets) {
        long count = regions.getShape().get(0);
        long classes = logits.getShape().get(1) - 1;
        boolean fits = regions.getShape().equals(new Shape(count, 5))
                && logits.getShape().equals(new Shape(count, classes + 1))
                && boxes.getShape().equals(new Shape(count, classes, 4))
                && distinct.getShape().equals(new Shape(count, classes, OVERLAPS.size()));
        if (!fits || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected regions (R, 5), logits (R, K + 1), boxes (R, K, 4), logits (R, K, 5) and the objects of at"
                            + " least one image, got " + regions.getShape() + ", " + logits.getShape() + ", "
                            + boxes.getShape() + ", " + distinct.getShape() + " and " + targets.size());
        }
        NDArray scores = SCRIPT.call("probabilities", logits); // (R, K)
        NDArray right;
        NDArray looked;
        NDList order = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            looked = SCRIPT.call("looked", distinct, LEFT_OUT); // (R, K)
            NDList ofImages = new NDList();
            for (int i = 0; i < targets.size(); i++) {
                NDArray rows = Rows.ofImage(regions, i).get(0); // (R_i)
                order.add(rows);
                ofImages.add(
                        rows.size() == 0 || targets.get(i).labels().size() == 0
                                ? SCRIPT.call("none", Rows.pick(distinct, rows))
                                : right(
                                        Rows.pick(boxes, rows),
                                        Rows.pick(scores, rows),
                                        Rows.pick(looked, rows),
                                        targets.get(i)));
            }
            NDArray places = NDArrays.concat(order).argSort();
            right = Rows.pick(NDArrays.concat(ofImages), places); // (R, K, 5)
        }
        return Map.of("duplicates", SCRIPT.call("entropy", scores, distinct, right, looked, positives));
    }

    /** Which boxes of an image are right: (R_i, K, 5). */
    private static NDArray right(NDArray boxes, NDArray scores, NDArray looked, BoxTargets target) {
        NDList right = new NDList();
        for (double overlap : OVERLAPS) {
            right.add(SCRIPT.call("right", boxes, scores, looked, target.boxes(), target.labels(), overlap));
        }
        return NDArrays.stack(right, 2);
    }
}
