package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.losses.BinaryCrossEntropyWithLogits;
import djinn.losses.BoxGiou;
import djinn.losses.Reduction;
import djinn.losses.SigmoidFocal;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.DistanceCoder;
import djinn.ops.TorchScript;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What FCOS is trained with (Tian et al. 2019, section 3), as torchvision computes it: the focal loss of all positions,
 * the generalised IoU loss of the boxes of those with an object, and the cross entropy of how central these are, all
 * over their number in the whole batch.
 *
 * <p>A position has an object if it lies in it and near its centre, and if the farthest of its sides is in the level's
 * range: 4 to 8 strides, from 0 on the first level and without end on the last. Of several objects the smallest wins.
 *
 * @param radius how near to the centre, in strides
 * @param alpha the focal loss's weight of classes that are there
 * @param gamma how strongly it plays down what is easy
 */
public record FcosLoss(
        @Default("1.5") double radius,
        @Default("0.25") double alpha,
        @Default("2") double gamma) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def match(boxes: Tensor, anchors: Tensor, radius: float, first: int, last: int) -> Tensor:
              low = torch.slice(boxes, 1, 0, 2)
              high = torch.slice(boxes, 1, 2, 4)
              centres = torch.div(torch.add(low, high), 2)
              points = torch.unsqueeze(torch.div(torch.add(torch.slice(anchors, 1, 0, 2), torch.slice(anchors, 1, 2, 4)), 2), 1)
              strides = torch.sub(torch.select(anchors, 1, 2), torch.select(anchors, 1, 0))
              away = torch.amax(torch.abs(torch.sub(points, torch.unsqueeze(centres, 0))), [2])
              near = torch.lt(away, torch.unsqueeze(torch.mul(strides, radius), 1))
              sides = torch.cat([torch.sub(points, torch.unsqueeze(low, 0)), torch.sub(torch.unsqueeze(high, 0), points)], 2)
              inside = torch.gt(torch.amin(sides, [2]), 0)
              row = torch.sub(torch.cumsum(torch.ones_like(strides), 0), 1)
              least = torch.where(torch.lt(row, first), torch.zeros_like(strides), torch.mul(strides, 4))
              end = torch.sub(torch.size(anchors, 0), last)
              most = torch.where(torch.ge(row, end), torch.full_like(strides, 1e38), torch.mul(strides, 8))
              far = torch.amax(sides, [2])
              ranged = torch.logical_and(torch.gt(far, torch.unsqueeze(least, 1)), torch.lt(far, torch.unsqueeze(most, 1)))
              areas = torch.prod(torch.sub(high, low), 1)
              fits = torch.logical_and(torch.logical_and(near, inside), ranged)
              value, object = torch.max(torch.mul(torch.to(fits, 6), torch.unsqueeze(torch.rsub(areas, 1e8), 0)), 1)
              return torch.where(torch.lt(value, 1e-5), torch.full_like(object, -1), object)

            def nothing(anchors: Tensor) -> Tensor:
              return torch.to(torch.full_like(torch.select(anchors, 1, 0), -1.), 4)

            def share(low: Tensor, high: Tensor) -> Tensor:
              return torch.div(torch.minimum(low, high), torch.maximum(low, high))

            def centrality(sides: Tensor) -> Tensor:
              across = self.share(torch.select(sides, 1, 0), torch.select(sides, 1, 2))
              down = self.share(torch.select(sides, 1, 1), torch.select(sides, 1, 3))
              return torch.unsqueeze(torch.sqrt(torch.mul(across, down)), 1)
            """);

    private static final BinaryCrossEntropyWithLogits ENTROPY =
            new BinaryCrossEntropyWithLogits(List.of(), List.of(), Reduction.SUM);
    private static final BoxGiou GIOU = new BoxGiou(Reduction.SUM);

    /** torchvision's settings. */
    public FcosLoss() {
        this(1.5, .25, 2);
    }

    /**
     * Computes the terms.
     *
     * @param heads logits (N, A, K), distances (N, A, 4) and centrality's logits (N, A, 1)
     * @param anchors (A, 4) squares of the strides around the positions, in pixels
     * @param levels how many of them are of the first level, of the second and so on
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification}, {@code bbox_regression} and {@code bbox_ctrness}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDList heads, NDArray anchors, List<Integer> levels, List<BoxTargets> targets) {
        Rows.requireFitting(heads, anchors, targets);
        SigmoidFocal focal = new SigmoidFocal(alpha, gamma, Reduction.SUM);
        NDList classification = new NDList();
        NDList regression = new NDList();
        NDList centrality = new NDList();
        long count = 0;
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDArray logits = Rows.image(heads.get(0), i); // (A, K)
            NDArray matched = match(anchors, levels, target.boxes()); // (A)
            NDArray rows = Rows.withObject(matched); // (F)
            classification.add(focal.apply(logits, Rows.oneHot(logits, matched, target.labels())));
            NDArray squares = Rows.pick(anchors, rows); // (F, 4)
            NDArray boxes = Rows.pick(target.boxes(), Rows.pick(matched, rows)); // (F, 4)
            NDArray distances = Rows.pick(Rows.image(heads.get(1), i), rows); // (F, 4)
            regression.add(GIOU.apply(DistanceCoder.decode(distances, squares), boxes));
            NDArray wanted = SCRIPT.call("centrality", DistanceCoder.encode(boxes, squares)); // (F, 1)
            NDArray central = Rows.pick(Rows.image(heads.get(2), i), rows); // (F, 1)
            centrality.add(ENTROPY.apply(central, wanted));
            count += rows.size();
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("classification", Rows.over(Rows.sum(classification), count));
        terms.put("bbox_regression", Rows.over(Rows.sum(regression), count));
        terms.put("bbox_ctrness", Rows.over(Rows.sum(centrality), count));
        return terms;
    }

    private NDArray match(NDArray anchors, List<Integer> levels, NDArray boxes) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return boxes.getShape().get(0) == 0
                    ? SCRIPT.call("nothing", anchors)
                    : SCRIPT.call("match", boxes, anchors, radius, levels.get(0), levels.get(levels.size() - 1));
        }
    }
}
