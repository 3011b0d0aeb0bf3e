package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the second stage of a detector is trained with (Girshick 2015, "Fast R-CNN", sections 2.3), as torchvision computes
 * it: the cross entropy of some regions of each image, with an object and without, and the smooth absolute error of the
 * codes that those with an object have for its class; both over the number of the regions chosen in the whole batch.
 *
 * <p>Regions are (R, 5): the index of the image in the batch, then x1, y1, x2, y2 in its pixels, image by image.
 *
 * @param foreground the IoU from which a region has an object
 * @param background the IoU below which it has none; between the two it is ignored
 * @param samples how many regions of an image count
 * @param positives the largest share of those with an object
 */
public record RegionLoss(
        @Default("0.5") double foreground,
        @Default("0.5") double background,
        @Default("512") int samples,
        @Default("0.25") double positives) {

    private static final CrossEntropy ENTROPY = new CrossEntropy(List.of(), 0, -100, Reduction.SUM);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def with_image(boxes: Tensor, i: int) -> Tensor:
              return torch.cat([torch.full_like(torch.slice(boxes, 1, 0, 1), i), boxes], 1)

            def of_class(codes: Tensor, labels: Tensor, classes: int) -> Tensor:
              each = torch.reshape(codes, [torch.size(codes, 0), classes, 4])
              index = torch.expand(torch.unsqueeze(torch.unsqueeze(labels, 1), 2), [-1, 1, 4])
              return torch.squeeze(torch.gather(each, 1, index), 1)
            """);

    /** torchvision's settings. */
    public RegionLoss() {
        this(.5, .5, 512, .25);
    }

    /** Returns the same with another number of regions of an image. */
    public RegionLoss withSamples(int count) {
        return new RegionLoss(foreground, background, count, positives);
    }

    private Matcher matcher() {
        return new Matcher(foreground, background, Matcher.Forced.NONE);
    }

    private BalancedSampler sampler() {
        return new BalancedSampler(samples, positives);
    }

    /**
     * Chooses the regions to learn from among those proposed and the objects themselves, at random, under no gradients.
     *
     * @param proposed (R, 5)
     * @param targets the objects of each of the N images
     * @return (S, 5), of an image at most so many as count
     */
    public NDArray choose(NDArray proposed, List<BoxTargets> targets) {
        NDList chosen = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            for (int i = 0; i < targets.size(); i++) {
                NDArray boxes = targets.get(i).boxes();
                NDArray own = Rows.ofImage(proposed, i).get(1); // (R_i, 4)
                NDArray all = NDArrays.concat(new NDList(own, boxes)); // (R_i + M, 4)
                NDArray rows = sampler().sample(matcher().match(all, boxes));
                chosen.add(SCRIPT.call("with_image", Rows.pick(all, rows), i));
            }
            return NDArrays.concat(chosen);
        }
    }

    /**
     * Chooses of regions that are looked at those with an object, for masks; under no gradients.
     *
     * @param regions (R, 5)
     * @param targets the objects of each of the N images
     * @return (F, 5): where more regions of an image have an object than count, some at random; of those that {@link
     *     #choose} gave all with one
     */
    public NDArray withObject(NDArray regions, List<BoxTargets> targets) {
        NDList chosen = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            for (int i = 0; i < targets.size(); i++) {
                NDList own = Rows.ofImage(regions, i); // (R_i), (R_i, 4)
                NDArray matched = matcher().match(own.get(1), targets.get(i).boxes()); // (R_i)
                NDArray sampled = sampler().sample(matched); // (S)
                NDArray positive = Rows.withObject(Rows.pick(matched, sampled)); // (F_i)
                chosen.add(Rows.pick(regions, Rows.pick(own.get(0), Rows.pick(sampled, positive))));
            }
            return NDArrays.concat(chosen);
        }
    }

    /**
     * Computes the terms. Where there are more regions of an image than count, as in validation, some are chosen at
     * random; of those that {@link #choose} gave all are.
     *
     * @param regions (R, 5)
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1)) from the regions to the boxes of each class, in the weights of {@link BoxCoder#SSD}
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification} and {@code bbox_regression}, whose sum is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(NDArray regions, NDArray logits, NDArray codes, List<BoxTargets> targets) {
        long count = regions.getShape().get(0);
        long classes = logits.getShape().get(1);
        boolean fits = regions.getShape().equals(new Shape(count, 5))
                && logits.getShape().equals(new Shape(count, classes))
                && codes.getShape().equals(new Shape(count, 4 * classes));
        if (!fits || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected regions (R, 5), logits (R, K + 1), codes (R, 4 (K + 1)) and the objects of at least one"
                            + " image, got " + regions.getShape() + ", " + logits.getShape() + ", " + codes.getShape()
                            + " and " + targets.size());
        }
        return terms(regions, logits, targets, (rows, labels, truths, boxes) -> {
            NDArray given = ofClass(Rows.pick(codes, rows), labels, classes); // (F, 4)
            return RegionProposalLoss.ERROR.apply(given, BoxCoder.SSD.encode(truths, boxes));
        });
    }

    /** How far what is told of regions with an object is from what it should be. */
    @FunctionalInterface
    interface BoxError {

        /**
         * Sums it up.
         *
         * @param rows (F) of the regions with an object
         * @param labels (F) 1 to K, of their objects
         * @param truths (F, 4), the boxes of their objects
         * @param boxes (F, 4) of the regions
         * @return a scalar
         */
        NDArray sum(NDArray rows, NDArray labels, NDArray truths, NDArray boxes);
    }

    /** Of (F, 4 (K + 1)) those of a class each: (F, 4). */
    static NDArray ofClass(NDArray codes, NDArray labels, long classes) {
        return SCRIPT.call("of_class", codes, labels, classes);
    }

    /** Computes the terms with an error of the boxes that is the caller's. */
    Map<String, NDArray> terms(NDArray regions, NDArray logits, List<BoxTargets> targets, BoxError error) {
        NDList entropies = new NDList();
        NDList errors = new NDList();
        long counted = 0;
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDArray matched;
            NDArray rows;
            NDArray boxes;
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                NDList ofImage = Rows.ofImage(regions, i);
                NDArray all = ofImage.get(0); // (R_i)
                NDArray own = ofImage.get(1); // (R_i, 4)
                NDArray ofAll = matcher().match(own, target.boxes()); // (R_i)
                NDArray sampled = sampler().sample(ofAll); // (S)
                matched = Rows.pick(ofAll, sampled); // (S)
                rows = Rows.pick(all, sampled); // (S)
                boxes = Rows.pick(own, sampled); // (S, 4)
            }
            counted += rows.size();
            NDArray labels = Rows.labelled(matched, target.labels()); // (S)
            entropies.add(ENTROPY.apply(Rows.pick(logits, rows), labels));

            NDArray positive = Rows.withObject(matched); // (F)
            errors.add(error.sum(
                    Rows.pick(rows, positive),
                    Rows.pick(labels, positive),
                    Rows.pick(target.boxes(), Rows.pick(matched, positive)),
                    Rows.pick(boxes, positive)));
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("classification", Rows.over(Rows.sum(entropies), counted));
        terms.put("bbox_regression", Rows.over(Rows.sum(errors), counted));
        return terms;
    }
}
