package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.Box;
import djinn.ops.BoxCoder;
import djinn.ops.BoxGrid;
import djinn.ops.BoxSelection;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Pass;
import java.util.List;

/**
 * A detector that looks at regions that others propose; where nobody does, at the windows of a {@linkplain BoxGrid grid}.
 *
 * <p>Images (N, 3, H, W), H and W multiples of 32, and regions (R, 5), as a second input or by {@link Regions}, to {@code
 * roi.counts} (N), int64, how many regions are each image's, {@code roi.proposals} (R, 5), {@code roi.class_logits} (R,
 * K + 1), the background's first, and {@code roi.box_deltas} (R, 4 (K + 1)). It is traced with one image at a time, and any
 * number of regions.
 */
public abstract class RegionDetector extends Detector implements Headed {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def counts(regions: Tensor, images: Tensor) -> Tensor:
              own = torch.unsqueeze(torch.select(regions, 1, 0), 0)
              n = torch.arange(torch.size(images, 0), dtype=6, device=ops.prim.device(regions))
              return torch.sum(torch.eq(own, torch.unsqueeze(n, 1)), [1], False, dtype=4)
            """);

    private final int classes;

    /**
     * A detector.
     *
     * @param classes K, without background
     */
    protected RegionDetector(int classes) {
        this.classes = classes;
    }

    /**
     * Looks at regions.
     *
     * @param images (N, 3, H, W)
     * @param regions (R, 5): the index of the image in the batch, then x1, y1, x2, y2 in its pixels; image by image
     * @param pass the pass
     * @return logits (R, K + 1), the background's first, and codes (R, 4 (K + 1)) in the weights of {@link BoxCoder#SSD}
     */
    protected abstract NDList look(NDArray images, NDArray regions, Pass pass);

    @Override
    public final NDList forward(NDArray images, Pass pass) {
        return forward(images, Regions.PROPOSED, pass);
    }

    @Override
    public final NDList forward(NDArray images, Regions regions, Pass pass) {
        requireOne(images);
        NDArray chosen;
        NDArray counts;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            chosen = regions.chosen(windows(images), 0); // (R, 5)
            counts = SCRIPT.call("counts", chosen, images); // (N)
        }
        NDList heads = new NDList(counts, chosen);
        heads.addAll(look(images, chosen, pass)); // (R, K + 1), (R, 4 (K + 1))
        return heads;
    }

    private static NDArray windows(NDArray images) {
        Shape shape = images.getShape();
        int count = Math.toIntExact(shape.get(0));
        List<Box> boxes = BoxGrid.of(Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)));
        float[] regions = new float[5 * count * boxes.size()];
        int at = 0;
        for (int n = 0; n < count; n++) {
            for (Box box : boxes) {
                regions[at] = n;
                regions[at + 1] = (float) box.x();
                regions[at + 2] = (float) box.y();
                regions[at + 3] = (float) (box.x() + box.width());
                regions[at + 4] = (float) (box.y() + box.height());
                at += 5;
            }
        }
        return images.getManager()
                .create(regions, new Shape(regions.length / 5, 5))
                .toDevice(images.getDevice(), false)
                .toType(images.getDataType(), false);
    }

    /** Returns what it made of the regions, of the heads. */
    public final FasterRcnn.Look look(NDList heads) {
        return new FasterRcnn.Look(heads.get(1), heads.get(2), heads.get(3));
    }

    @Override
    public final List<String> headNames() {
        return List.of("roi.counts", "roi.proposals", "roi.class_logits", "roi.box_deltas");
    }

    /** Images with fewer regions than others get some of score 0. */
    @Override
    public final Decoded decode(NDList heads, int height, int width) {
        int images = Math.toIntExact(heads.get(0).getShape().get(0));
        return look(heads).decoded(images, height, width);
    }

    @Override
    public final boolean takesRegions() {
        return true;
    }

    @Override
    public final boolean tracesBatches() {
        return false;
    }

    @Override
    public final int classes() {
        return classes;
    }

    @Override
    public final int multiple() {
        return 32;
    }

    @Override
    protected final BoxSelection selection() {
        return RegionBoxes.SELECTION;
    }
}
