package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.losses.BinaryCrossEntropyWithLogits;
import djinn.ops.Autograd;
import djinn.ops.Default;
import djinn.ops.MaskClasses;
import djinn.ops.RunLengthMask;
import djinn.ops.TorchScript;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What masks of regions are trained with (He et al. 2017, section 3): the mean over the pixels of the binary cross entropy of
 * the mask of the object's class alone, the others being left as they are; or, where the classes compete, of the cross entropy
 * over them and the background. What is wanted is the object's mask, cut out by the region and resized as RoIAlign does it, as
 * torchvision's {@code maskrcnn_loss}; so edges are shares between 0 and 1.
 *
 * @param foreground the IoU from which a region has an object
 * @param classes how the classes hang together
 */
public record MaskLoss(
        @Default("0.5") double foreground,
        @Default("per_class") MaskClasses classes) {

    private static final BinaryCrossEntropyWithLogits ENTROPY = new BinaryCrossEntropyWithLogits();

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of_class(x: Tensor, labels: Tensor) -> Tensor:
              index = torch.reshape(torch.add(labels, 1), [-1, 1, 1, 1])
              places = torch.expand(index, [-1, 1, torch.size(x, 2), torch.size(x, 3)])
              return torch.squeeze(torch.gather(x, 1, places), 1)

            def competing(logits: Tensor, labels: Tensor, wanted: Tensor) -> Tensor:
              x = torch.log_softmax(logits, 1)
              object = torch.mul(self.of_class(x, labels), wanted)
              background = torch.mul(torch.select(x, 1, 0), torch.rsub(wanted, 1.))
              return torch.neg(torch.mean(torch.add(object, background)))
            """);

    /**
     * With the usual share of the overlap.
     *
     * @param classes how the classes hang together
     */
    public MaskLoss(MaskClasses classes) {
        this(.5, classes);
    }

    /**
     * Computes the term.
     *
     * @param regions (F, 5) with an object each: the index of the image in the batch, then x1, y1, x2, y2 in its pixels
     * @param logits (F, K + 1, S, S), the background's first
     * @param targets the objects of each of the N images, with masks
     * @return a scalar; 0 of no region
     * @throws IllegalArgumentException if the shapes do not fit, or there are no masks
     */
    public NDArray apply(NDArray regions, NDArray logits, List<BoxTargets> targets) {
        Shape shape = logits.getShape();
        long count = regions.getShape().get(0);
        boolean fits = regions.getShape().equals(new Shape(count, 5))
                && shape.dimension() == 4
                && shape.get(0) == count
                && shape.get(2) == shape.get(3);
        if (!fits) {
            throw new IllegalArgumentException(
                    "expected regions (F, 5) and logits (F, K + 1, S, S), got " + regions.getShape() + " and " + shape);
        }
        if (count == 0) {
            return logits.sum();
        }
        Wanted wanted;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            wanted = wanted(regions, Math.toIntExact(shape.get(2)), targets);
        }
        NDArray masks = wanted.masks.toType(logits.getDataType(), false);
        return classes == MaskClasses.PER_CLASS
                ? ENTROPY.apply(SCRIPT.call("of_class", logits, wanted.labels), masks)
                : SCRIPT.call("competing", logits, wanted.labels, masks);
    }

    /**
     * What the logits should be.
     *
     * @param labels (F) int64
     * @param masks (F, S, S) in [0, 1], float32
     */
    record Wanted(NDArray labels, NDArray masks) {}

    /** The objects' masks as the regions see them. */
    Wanted wanted(NDArray regions, int side, List<BoxTargets> targets) {
        Matcher matcher = new Matcher(foreground, foreground, Matcher.Forced.NONE);
        float[] rows = regions.toType(DataType.FLOAT32, false).toFloatArray();
        int count = rows.length / 5;
        long[] labels = new long[count];
        float[] masks = new float[count * side * side];
        for (int i = 0; i < targets.size(); i++) {
            BoxTargets target = targets.get(i);
            NDList own = Rows.ofImage(regions, i); // (F_i), (F_i, 4)
            long[] places = own.get(0).toLongArray();
            long[] matched = matcher.match(own.get(1), target.boxes()).toLongArray();
            long[] classOf = target.labels().toLongArray();
            Map<Integer, boolean[]> pixels = new HashMap<>();
            for (int j = 0; j < places.length; j++) {
                int at = Math.toIntExact(places[j]);
                int object = Math.toIntExact(matched[j]);
                if (object < 0 || target.masks().isEmpty()) {
                    throw new IllegalArgumentException(
                            object < 0
                                    ? "expected regions that overlap an object by " + foreground + ", region " + at
                                            + " overlaps none; leave it out"
                                    : "expected objects with masks, image " + i + " has none");
                }
                labels[at] = classOf[object];
                RunLengthMask mask = target.masks().get(object);
                new MaskCut(mask.height(), mask.width(), pixels.computeIfAbsent(object, k -> mask.pixels()))
                        .cut(rows, 5 * at + 1, side, masks, at * side * side);
            }
        }
        NDManager manager = regions.getManager();
        return new Wanted(
                manager.create(labels).toDevice(regions.getDevice(), false),
                manager.create(masks, new Shape(count, side, side)).toDevice(regions.getDevice(), false));
    }
}
