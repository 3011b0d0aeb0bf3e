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
import java.util.stream.Stream;

/**
 * SSD: boxes are found at once on maps that become coarser and coarser, each map by convolutions of its own.
 *
 * <p>Liu et al. 2016, figure 2; SSDLite, with depthwise convolutions, Sandler et al. 2018, section 6.2, and Howard et al.
 * 2019, section 6.3. Images (N, 3, H, W) to {@code head.bbox_regression} (N, A, 4) and {@code head.cls_logits} (N, A, K +
 * 1), the background's first. Compatible with torchvision's {@code ssdlite320_mobilenet_v3_large}, whose images are
 * scaled to [-1, 1]. The entry {@code ssdlite} is on any backbone with maps of strides 16 and 32. Deviations: none.
 */
public final class Ssd extends Detector implements Anchored, Headed {

    static final Initializer XAVIER = new Initialization.XavierUniform(1);

    static List<DetectorEntry> entries() {
        return List.of(
                new DetectorEntry(
                        "ssdlite320_mobilenet_v3_large",
                        320,
                        90,
                        "Howard et al. 2019, section 6.3",
                        options -> lite(SsdTrunk.mobileNetV3(), options.classes()),
                        List.of(),
                        false),
                new DetectorEntry(
                        "ssdlite",
                        320,
                        90,
                        "Sandler et al. 2018, section 6.2",
                        options -> lite(SsdTrunk.of(options.backbone().orElse("mobilenet_v2")), options.classes()),
                        List.of(),
                        true));
    }

    private static Ssd lite(SsdTrunk trunk, int classes) {
        return new Ssd(trunk, classes);
    }

    private static final List<List<Integer>> RATIOS =
            Stream.generate(() -> List.of(2, 3)).limit(6).toList();

    private final DefaultBoxes boxes;
    private final SsdTrunk backbone;
    private final SsdHead head;
    private final int classes;

    private Ssd(SsdTrunk trunk, int classes) {
        boxes = DefaultBoxes.between(.2, .95, RATIOS);
        backbone = child("backbone", trunk);
        head = child("head", new SsdHead(trunk.channels(), boxes, classes, true));
        this.classes = classes;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        return head.forward(backbone.forward(images, pass), pass); // (N, A, 4), (N, A, K + 1)
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
        return boxes.anchors(manager, SsdTrunk.grids(height, width), height, width);
    }

    @Override
    public List<Integer> levels(int height, int width) {
        return boxes.counts(SsdTrunk.grids(height, width));
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int multiple() {
        return 32;
    }

    @Override
    public BoxSelection selection() {
        return new BoxSelection(.001, 300, .55, 300, true);
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
