package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.initializer.Initializer;
import djinn.ops.BoxCoder;
import djinn.ops.BoxSelection;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initialization;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;
import java.util.OptionalInt;

/**
 * SSD: boxes are found at once on maps that become coarser and coarser, each map by convolutions of its own.
 *
 * <p>Liu et al. 2016, figure 2; SSDLite, with depthwise convolutions, Sandler et al. 2018, section 6.2, and Howard et al.
 * 2019, section 6.3. Images (N, 3, H, W) to {@code head.bbox_regression} (N, A, 4) and {@code head.cls_logits} (N, A, K +
 * 1), the background's first.
 *
 * <p>{@code ssd300_vgg16} and {@code ssdlite320_mobilenet_v3_large} are compatible with torchvision's; deviations: none.
 * Images of the former are 300x300 and come as values from 0 to 255 less the mean (data.mean [0.48235, 0.45882, 0.40784],
 * data.std three times 0.0039216), those of the latter in [-1, 1]. {@code ssd} and {@code ssdlite} are the like on any
 * backbone with maps of strides 8, 16 and 32, or 16 and 32; ssd has batch norms in its extra maps, the boxes of SSD300 and
 * no scaling of its first map.
 *
 * <p>{@code mobilenet_ssd} is the Caffe layout of chuanqi305's MobileNet-SSD (2017): MobileNetV1, heads of 1x1
 * convolutions, and boxes that are laid by their own sizes and may be larger than the image; images in [-1, 1], of any
 * size. Its public weights take (x - 127.5) 0.007843 of values from 0 to 255, which is a mean and a deviation of 0.5, and
 * see blue first (its demo.py gives them OpenCV's images as they are): what is made of them for images that have red
 * first must have the input channels of the first convolution turned round. Deviation: ReLU6 in MobileNetV1, as in the
 * zoo's.
 */
public final class Ssd extends Detector implements Anchored, Featured, Headed {

    static final Initializer XAVIER = new Initialization.XavierUniform(1);

    private static final String PAPER = "Liu et al. 2016, figure 2";
    private static final BoxSelection SELECTION = new BoxSelection(.01, 400, .45, 200, true);
    private static final BoxSelection LITE_SELECTION = new BoxSelection(.001, 300, .55, 300, true);

    static List<DetectorEntry> entries() {
        return List.of(
                new DetectorEntry(
                        "ssd300_vgg16", 300, 90, PAPER, options -> vgg16(options.classes()), List.of(), false),
                new DetectorEntry(
                        "ssd",
                        320,
                        90,
                        PAPER,
                        options -> plain(options.backbone().orElse("resnet18"), options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "mobilenet_ssd",
                        300,
                        20,
                        "chuanqi305 2017, MobileNet-SSD",
                        options -> mobileNetV1(options.classes()),
                        List.of(),
                        false),
                new DetectorEntry(
                        "ssdlite320_mobilenet_v3_large",
                        320,
                        90,
                        "Howard et al. 2019, section 6.3",
                        options -> lite(HalvingTrunk.mobileNetV3(), options.classes()),
                        List.of(),
                        false),
                new DetectorEntry(
                        "ssdlite",
                        320,
                        90,
                        "Sandler et al. 2018, section 6.2",
                        options ->
                                lite(HalvingTrunk.lite(options.backbone().orElse("mobilenet_v2")), options.classes()),
                        List.of(),
                        true));
    }

    /** SSD300's scales and ratios. */
    private static final List<DefaultBoxes.Level> LEVELS = List.of(
            DefaultBoxes.Level.of(.07, .15, 2),
            DefaultBoxes.Level.of(.15, .33, 2, 3),
            DefaultBoxes.Level.of(.33, .51, 2, 3),
            DefaultBoxes.Level.of(.51, .69, 2, 3),
            DefaultBoxes.Level.of(.69, .87, 2),
            DefaultBoxes.Level.of(.87, 1.05, 2));

    private static Ssd vgg16(int classes) {
        DefaultBoxes boxes = new DefaultBoxes(LEVELS, List.of(8, 16, 32, 64, 100, 300), 1);
        return new Ssd(new SsdVgg(), boxes, SsdHead.Kind.PLAIN, SELECTION, classes);
    }

    private static Ssd plain(String backbone, int classes) {
        DefaultBoxes boxes = new DefaultBoxes(LEVELS, List.of(), 1);
        return new Ssd(HalvingTrunk.plain(backbone), boxes, SsdHead.Kind.PLAIN, SELECTION, classes);
    }

    private static Ssd mobileNetV1(int classes) {
        // sides of 60, 105, 150 ... 285 of 300 pixels; the second square is between a side and the next
        DefaultBoxes boxes = new DefaultBoxes(
                List.of(
                        DefaultBoxes.Level.ofOne(.2, 2),
                        DefaultBoxes.Level.of(.35, .5, 2, 3),
                        DefaultBoxes.Level.of(.5, .65, 2, 3),
                        DefaultBoxes.Level.of(.65, .8, 2, 3),
                        DefaultBoxes.Level.of(.8, .95, 2, 3),
                        DefaultBoxes.Level.of(.95, 1, 2, 3)),
                List.of(),
                Double.POSITIVE_INFINITY);
        return new Ssd(HalvingTrunk.mobileNetV1(), boxes, SsdHead.Kind.POINTWISE, SELECTION, classes);
    }

    private static Ssd lite(SsdTrunk trunk, int classes) {
        return new Ssd(trunk, DefaultBoxes.between(.2, .95), SsdHead.Kind.LITE, LITE_SELECTION, classes);
    }

    private final DefaultBoxes boxes;
    private final SsdTrunk backbone;
    private final SsdHead head;
    private final BoxSelection selection;
    private final int classes;

    private Ssd(SsdTrunk trunk, DefaultBoxes boxes, SsdHead.Kind kind, BoxSelection selection, int classes) {
        this.boxes = boxes;
        backbone = child("backbone", trunk);
        head = child("head", new SsdHead(trunk.widths(), boxes, classes, kind));
        this.selection = selection;
        this.classes = classes;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        return heads(features(images, pass), pass);
    }

    @Override
    public NDList features(NDArray images, Pass pass) {
        return backbone.forward(images, pass);
    }

    @Override
    public NDList heads(NDList features, Pass pass) {
        return head.forward(features, pass); // (N, A, 4), (N, A, K + 1)
    }

    @Override
    public List<String> headNames() {
        return List.of("head.bbox_regression", "head.cls_logits");
    }

    @Override
    public Decoded decode(NDList heads, int height, int width) {
        NDArray anchors = Heads.beside(heads, anchors(heads.getManager(), height, width));
        NDArray decoded = BoxCoder.SSD.decode(heads.get(0), anchors); // (N, A, 4)
        NDArray scores = heads.get(1).softmax(2).get(new NDIndex(":, :, 1:")); // (N, A, K)
        return new Decoded(Heads.clip(decoded, height, width), scores);
    }

    @Override
    public NDArray anchors(NDManager manager, int height, int width) {
        return boxes.anchors(manager, backbone.grids(height, width), height, width);
    }

    @Override
    public List<Integer> levels(int height, int width) {
        return boxes.counts(backbone.grids(height, width));
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int multiple() {
        return backbone.multiple();
    }

    @Override
    public OptionalInt onlySize() {
        return backbone.onlySize();
    }

    @Override
    protected BoxSelection selection() {
        return selection;
    }

    @Override
    public String head() {
        return "head";
    }

    /** SSDLite's unit: a convolution, a batch norm that counts like the reference's, and ReLU6. */
    static Sequential liteUnit(int in, int out, Window window, int groups) {
        Conv2d conv = new Conv2d(in, out, window, groups, false, Initializers.normal(.03f));
        return Sequential.convNorm(conv, new BatchNorm2d(out, .001, .03), Nonlinearity.RELU6);
    }
}
