package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import java.util.List;

/**
 * YOLOv3: Darknet-53, and from its maps of strides 32, 16 and 8, each joined by what the coarser one has found, a box,
 * objectness and classes for three anchors of each cell.
 *
 * <p>Redmon and Farhadi 2018, table 1 and section 2.3; images (N, 3, H, W) in [0, 1], H and W multiples of 32. Names
 * equal the public PyTorch checkpoints of ultralytics. Deviations, as there: SiLU in place of leaky ReLU, boxes
 * decoded as YOLOv5 does, residuals without shortcut in the head.
 */
public final class YoloV3 extends Yolo {

    /** Section 2.3: fitted to COCO. */
    private static final YoloAnchors ANCHORS = new YoloAnchors(List.of(
            YoloAnchors.level(8, 10, 13, 16, 30, 33, 23),
            YoloAnchors.level(16, 30, 61, 62, 45, 59, 119),
            YoloAnchors.level(32, 116, 90, 156, 198, 373, 326)));

    /**
     * What varies.
     *
     * @param classes K
     * @param anchors three levels, of strides 8, 16 and 32
     */
    public record Config(int classes, YoloAnchors anchors) {

        /** Checks the levels. */
        public Config {
            anchors.requireStrides(8, 16, 32);
        }
    }

    /** The paper's network. */
    public static YoloV3 darknet53(int classes) {
        return new YoloV3(new Config(classes, ANCHORS));
    }

    static List<DetectorEntry> entries() {
        String paper = "Redmon and Farhadi 2018";
        return List.of(
                new DetectorEntry(
                        "yolov3",
                        640,
                        80,
                        paper,
                        options -> new YoloV3(new Config(options.classes(), ANCHORS.sized(options.anchors()))),
                        List.of(),
                        false),
                new DetectorEntry("yolov3_tiny", 640, 80, paper, YoloV3Tiny::of, List.of(), false));
    }

    private final DarknetConv stem;
    private final DarknetConv down2;
    private final DarknetBottleneck stage2;
    private final DarknetConv down4;
    private final Sequential stage4;
    private final DarknetConv down8;
    private final Sequential stage8;
    private final DarknetConv down16;
    private final Sequential stage16;
    private final DarknetConv down32;
    private final Sequential stage32;
    private final DarknetBottleneck neck32;
    private final DarknetConv squeeze32;
    private final DarknetConv widen32;
    private final DarknetConv lateral32;
    private final DarknetConv out32;
    private final DarknetConv narrow32;
    private final DarknetBottleneck join16;
    private final DarknetBottleneck neck16;
    private final DarknetConv lateral16;
    private final DarknetConv out16;
    private final DarknetConv narrow16;
    private final DarknetBottleneck join8;
    private final Sequential out8;
    private final YoloHead detect;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV3(Config config) {
        super(config.classes, config.anchors);
        NumberedLayers model = child("model", new NumberedLayers());
        stem = model.at(0, new DarknetConv(3, 32, 3, 1));
        down2 = model.at(1, new DarknetConv(32, 64, 3, 2));
        stage2 = model.at(2, new DarknetBottleneck(64, 32, 64, true));
        down4 = model.at(3, new DarknetConv(64, 128, 3, 2));
        stage4 = model.at(4, DarknetBottleneck.repeated(128, 64, 2, true));
        down8 = model.at(5, new DarknetConv(128, 256, 3, 2));
        stage8 = model.at(6, DarknetBottleneck.repeated(256, 128, 8, true));
        down16 = model.at(7, new DarknetConv(256, 512, 3, 2));
        stage16 = model.at(8, DarknetBottleneck.repeated(512, 256, 8, true));
        down32 = model.at(9, new DarknetConv(512, 1024, 3, 2));
        stage32 = model.at(10, DarknetBottleneck.repeated(1024, 512, 4, true));
        neck32 = model.at(11, new DarknetBottleneck(1024, 512, 1024, false));
        squeeze32 = model.at(12, new DarknetConv(1024, 512, 1, 1));
        widen32 = model.at(13, new DarknetConv(512, 1024, 3, 1));
        lateral32 = model.at(14, new DarknetConv(1024, 512, 1, 1));
        out32 = model.at(15, new DarknetConv(512, 1024, 3, 1));
        narrow32 = model.at(16, new DarknetConv(512, 256, 1, 1));
        join16 = model.at(19, new DarknetBottleneck(256 + 512, 256, 512, false));
        neck16 = model.at(20, new DarknetBottleneck(512, 256, 512, false));
        lateral16 = model.at(21, new DarknetConv(512, 256, 1, 1));
        out16 = model.at(22, new DarknetConv(256, 512, 3, 1));
        narrow16 = model.at(23, new DarknetConv(256, 128, 1, 1));
        join8 = model.at(26, new DarknetBottleneck(128 + 256, 128, 256, false));
        out8 = model.at(27, DarknetBottleneck.repeated(256, 128, 2, false));
        detect = model.at(28, new YoloHead(config.classes, config.anchors, List.of(256, 512, 1024)));
    }

    @Override
    YoloHead detect() {
        return detect;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray x = stage2.forward(down2.forward(stem.forward(images, pass), pass), pass); // (N, 64, H/2, W/2)
        x = stage4.forward(down4.forward(x, pass), pass); // (N, 128, H/4, W/4)
        NDArray map8 = stage8.forward(down8.forward(x, pass), pass); // (N, 256, H/8, W/8)
        NDArray map16 = stage16.forward(down16.forward(map8, pass), pass); // (N, 512, H/16, W/16)
        NDArray map32 = stage32.forward(down32.forward(map16, pass), pass); // (N, 1024, H/32, W/32)
        x = squeeze32.forward(neck32.forward(map32, pass), pass); // (N, 512, H/32, W/32)
        NDArray known32 = lateral32.forward(widen32.forward(x, pass), pass); // (N, 512, H/32, W/32)
        NDArray coarse = out32.forward(known32, pass); // (N, 1024, H/32, W/32)
        x = joinDoubled(narrow32.forward(known32, pass), map16); // (N, 768, H/16, W/16)
        NDArray known16 =
                lateral16.forward(neck16.forward(join16.forward(x, pass), pass), pass); // (N, 256, H/16, W/16)
        NDArray middle = out16.forward(known16, pass); // (N, 512, H/16, W/16)
        x = joinDoubled(narrow16.forward(known16, pass), map8); // (N, 384, H/8, W/8)
        NDArray fine = out8.forward(join8.forward(x, pass), pass); // (N, 256, H/8, W/8)
        return detect.forward(new NDList(fine, middle, coarse), pass); // (N, 3, H/s, W/s, 5 + K) each
    }
}
