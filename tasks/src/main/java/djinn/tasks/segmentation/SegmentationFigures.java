package djinn.tasks.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.MaskedImages;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.ops.TorchScript;
import djinn.predict.segmentation.ImageSegmenter;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a segmenter: the loss, and from one confusion matrix of all pixels the mean intersection over union,
 * Dice, of the foreground where there are two classes and else the mean over classes, and the share of pixels that are
 * right; and the mean over images of the Dice of each, where images with small objects count as much as those with large
 * ones.
 *
 * <p>An outcome's term is called {@code loss}; its answers are logits (N, K, H, W) and classes (N, H, W), int64, below 0
 * where they are unknown. Pixels are counted on the device, and its counts are left there until a figure is asked for.
 */
public final class SegmentationFigures implements Figures<MaskBatch> {

    /** Batches left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private static final String LOSS = "loss";
    private static final String CONFUSION = "confusion";

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def counts(logits: Tensor, targets: Tensor, classes: int) -> Tensor:
              images = torch.size(targets, 0)
              image = torch.reshape(torch.arange(images, device=ops.prim.device(targets)), [-1, 1, 1])
              labels = torch.add(torch.mul(image, classes), targets)
              pairs = torch.add(torch.mul(labels, classes), torch.argmax(torch.detach(logits), 1))
              return torch.bincount(torch.masked_select(pairs, torch.ge(targets, 0)), None, images * classes * classes)
            """);

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final Mean imageDice = new Mean();
    private final ConfusionMatrix confusion;

    /**
     * Figures of nothing yet.
     *
     * @param classes K
     */
    public SegmentationFigures(int classes) {
        confusion = new ConfusionMatrix(classes);
    }

    /**
     * Measures a segmenter on images whose classes are known, each in its own size.
     *
     * @param segmenter a trained one
     * @param data of the segmenter's classes
     * @return all figures but the loss
     * @throws djinn.ops.DataException if an image or a mask cannot be read
     */
    public static SegmentationFigures of(ImageSegmenter segmenter, MaskedImages data) {
        SegmentationFigures figures =
                new SegmentationFigures(segmenter.card().classes().size());
        int channels = segmenter.card().preprocessing().channels();
        for (int i = 0; i < data.size(); i++) {
            figures.add(segmenter.segment(data.image(i, channels)).labels(), data.mask(i));
        }
        return figures;
    }

    @Override
    public void add(MaskBatch batch, Outcome outcome) {
        NDArray logits = outcome.answers().get(0);
        NDArray targets = outcome.answers().get(1);
        NDArray counts = SCRIPT.call("counts", logits, targets, confusion.classes());
        int images = batch.size();
        unread.add(new NDList(outcome.terms().get(LOSS), counts), arrays -> {
            loss.add(arrays.get(0).getFloat(), images);
            double[] all =
                    Arrays.stream(arrays.get(1).toLongArray()).asDoubleStream().toArray();
            int each = all.length / images;
            for (int n = 0; n < images; n++) {
                ConfusionMatrix image = new ConfusionMatrix(confusion.classes());
                image.merge(Arrays.copyOfRange(all, n * each, (n + 1) * each));
                add(image);
            }
        });
    }

    /** An image's pixels; where neither truth nor answer has what Dice is of, they say nothing of its Dice. */
    private void add(ConfusionMatrix image) {
        confusion.merge(image.state());
        double dice = dice(image);
        if (!Double.isNaN(dice)) {
            imageDice.add(dice, 1);
        }
    }

    private static double dice(ConfusionMatrix matrix) {
        return matrix.classes() == 2 ? matrix.dice(1) : matrix.meanDice();
    }

    /**
     * Adds an image that was segmented elsewhere.
     *
     * @param answered its classes as they were told; pixels that are {@link LabelMap#IGNORED} here count for nothing
     *     either
     * @param expected its classes as they are
     * @throws IllegalArgumentException if the sizes differ or a class is none
     */
    public void add(LabelMap answered, LabelMap expected) {
        if (answered.height() != expected.height() || answered.width() != expected.width()) {
            throw new IllegalArgumentException("expected an answer of the mask's size " + expected.height() + "x"
                    + expected.width() + ", got " + answered);
        }
        int[] told = new int[answered.values().length];
        int[] labels = new int[told.length];
        for (int i = 0; i < told.length; i++) {
            boolean seen = (answered.values()[i] & 0xFF) != LabelMap.IGNORED;
            told[i] = seen ? answered.values()[i] & 0xFF : 0;
            labels[i] = seen ? expected.values()[i] & 0xFF : LabelMap.IGNORED;
        }
        ConfusionMatrix image = new ConfusionMatrix(confusion.classes());
        image.add(told, labels, LabelMap.IGNORED);
        add(image);
    }

    @Override
    public void close() {
        unread.close();
    }

    /** Returns how often pixels of one class were taken for another. */
    public ConfusionMatrix confusion() {
        unread.read();
        return confusion;
    }

    /** Returns Dice of the foreground where there are two classes, and else the mean over classes. */
    public double dice() {
        return dice(confusion());
    }

    /**
     * Returns the mean over images of the Dice of each, of the foreground where there are two classes, and else the mean over
     * the classes that occur in it; images where that does not occur are left out.
     */
    public double imageDice() {
        unread.read();
        return imageDice.value();
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put("mean_iou", new Derived(confusion::meanIou));
        metrics.put("dice", new Derived(this::dice));
        metrics.put("image_dice", imageDice);
        metrics.put("pixel_accuracy", new Derived(confusion::accuracy));
        metrics.put(CONFUSION, confusion);
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, "mean_iou", "dice", "image_dice", "pixel_accuracy");
    }
}
