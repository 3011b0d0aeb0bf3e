package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;
import java.util.Map;

/**
 * What Fast R-CNN is trained with (Girshick 2015, section 2.3): as {@link RegionLoss}, but background is of the regions near
 * an object alone, which are the hard ones. Of an image without objects all are background, where the paper has none such.
 *
 * @param regions what is computed of the regions that are near enough
 * @param least the IoU with an object below which a region counts for nothing
 */
public record GivenRegionLoss(
        @Default("{samples: 64}") RegionLoss regions,
        @Default("0.1") double least) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def near(overlaps: Tensor, least: float) -> Tensor:
              return torch.flatten(torch.nonzero(torch.any(torch.ge(overlaps, least), 0)))
            """);

    /** The paper's: 64 regions of each of two images, a quarter of them with an object. */
    public GivenRegionLoss() {
        this(new RegionLoss(.5, .5, 64, .25), .1);
    }

    /**
     * Chooses the regions to learn from among those given and the objects themselves, at random, under no gradients.
     *
     * @param given (R, 5), as in {@link RegionLoss}
     * @param targets the objects of each of the N images
     * @return (S, 5), of an image at most so many as count
     */
    public NDArray choose(NDArray given, List<BoxTargets> targets) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return regions.choose(Rows.pick(given, near(given, targets)), targets);
        }
    }

    /**
     * Computes the terms; the arguments and the answer are those of {@link RegionLoss#apply}.
     *
     * @param looked (R, 5)
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1))
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification} and {@code bbox_regression}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDArray looked, NDArray logits, NDArray codes, List<BoxTargets> targets) {
        NDArray rows = near(looked, targets);
        return regions.apply(Rows.pick(looked, rows), Rows.pick(logits, rows), Rows.pick(codes, rows), targets);
    }

    /** The rows of regions that count, (R') int64. */
    private NDArray near(NDArray all, List<BoxTargets> targets) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            NDList rows = new NDList();
            for (int i = 0; i < targets.size(); i++) {
                NDArray boxes = targets.get(i).boxes();
                NDList ofImage = Rows.ofImage(all, i);
                NDArray own = ofImage.get(0); // (R_i)
                boolean hasObjects = boxes.getShape().get(0) > 0;
                rows.add(
                        hasObjects
                                ? Rows.pick(own, SCRIPT.call("near", Matcher.overlaps(boxes, ofImage.get(1)), least))
                                : own);
            }
            return NDArrays.concat(rows);
        }
    }
}
