package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * YOLOv5: a CSP network whose maps of strides 8, 16 and 32 exchange what they know on the way up and down again (PAN,
 * Liu et al. 2018), and a box, objectness and classes for three anchors of each cell.
 *
 * <p>Jocher 2020 (YOLOv5, release 6), on CSPNet (Wang et al. 2020) and YOLOv3 (Redmon and Farhadi 2018); images (N, 3, H,
 * W) in [0, 1], H and W multiples of 32. Names equal the public checkpoints {@code yolov5n} to {@code yolov5x}. Deviations:
 * none from the records of the reference, whose batch norms have eps 1e-5; its training code sets 0.001.
 */
public final class YoloV5 extends Yolo {

    /** Of the release, fitted to COCO at 640. */
    private static final YoloAnchors ANCHORS = new YoloAnchors(List.of(
            YoloAnchors.level(8, 10, 13, 16, 30, 33, 23),
            YoloAnchors.level(16, 30, 61, 62, 45, 59, 119),
            YoloAnchors.level(32, 116, 90, 156, 198, 373, 326)));

    /**
     * What varies.
     *
     * @param classes K
     * @param depth times the bottlenecks of a stage
     * @param width times the channels, which are rounded up to multiples of 8
     * @param anchors three levels, of strides 8, 16 and 32
     */
    public record Config(int classes, double depth, double width, YoloAnchors anchors) {

        /** Checks that the multiples are above 0 and that there are three levels. */
        public Config {
            if (!(depth > 0 && width > 0)) {
                throw new IllegalArgumentException("expected depth and width above 0, got " + depth + " and " + width);
            }
            anchors.requireStrides(8, 16, 32);
        }

        int depth(int bottlenecks) {
            return (int) Math.max(1, Math.rint(bottlenecks * depth));
        }

        int width(int channels) {
            return (int) Math.ceil(channels * width / 8) * 8;
        }
    }

    /** Depth 0.33, width 0.25. */
    public static YoloV5 n(int classes) {
        return new YoloV5(new Config(classes, .33, .25, ANCHORS));
    }

    /** Depth 0.33, width 0.5. */
    public static YoloV5 s(int classes) {
        return new YoloV5(new Config(classes, .33, .5, ANCHORS));
    }

    /** Depth 0.67, width 0.75. */
    public static YoloV5 m(int classes) {
        return new YoloV5(new Config(classes, .67, .75, ANCHORS));
    }

    /** Depth and width 1. */
    public static YoloV5 l(int classes) {
        return new YoloV5(new Config(classes, 1, 1, ANCHORS));
    }

    /** Depth 1.33, width 1.25. */
    public static YoloV5 x(int classes) {
        return new YoloV5(new Config(classes, 1.33, 1.25, ANCHORS));
    }

    static List<DetectorEntry> entries() {
        return List.of(
                entry("yolov5n", .33, .25),
                entry("yolov5s", .33, .5),
                entry("yolov5m", .67, .75),
                entry("yolov5l", 1, 1),
                entry("yolov5x", 1.33, 1.25));
    }

    private static DetectorEntry entry(String name, double depth, double width) {
        return new DetectorEntry(
                name,
                640,
                80,
                "Jocher 2020, YOLOv5 release 6",
                options -> new YoloV5(new Config(options.classes(), depth, width, ANCHORS.sized(options.anchors()))),
                List.of(),
                false);
    }

    private final DarknetConv stem;
    private final DarknetConv down4;
    private final CspStage stage4;
    private final DarknetConv down8;
    private final CspStage stage8;
    private final DarknetConv down16;
    private final CspStage stage16;
    private final DarknetConv down32;
    private final CspStage stage32;
    private final FastPyramidPool pyramid;
    private final DarknetConv narrow32;
    private final CspStage up16;
    private final DarknetConv narrow16;
    private final CspStage out8;
    private final DarknetConv back16;
    private final CspStage out16;
    private final DarknetConv back32;
    private final CspStage out32;
    private final YoloHead detect;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV5(Config config) {
        super(config.classes, config.anchors);
        int c64 = config.width(64);
        int c128 = config.width(128);
        int c256 = config.width(256);
        int c512 = config.width(512);
        int c1024 = config.width(1024);
        NumberedLayers model = child("model", new NumberedLayers());
        stem = model.at(0, new DarknetConv(3, c64, Window.of(6).stride(2).padding(2), Nonlinearity.SILU));
        down4 = model.at(1, new DarknetConv(c64, c128, 3, 2));
        stage4 = model.at(2, new CspStage(c128, c128, config.depth(3), true));
        down8 = model.at(3, new DarknetConv(c128, c256, 3, 2));
        stage8 = model.at(4, new CspStage(c256, c256, config.depth(6), true));
        down16 = model.at(5, new DarknetConv(c256, c512, 3, 2));
        stage16 = model.at(6, new CspStage(c512, c512, config.depth(9), true));
        down32 = model.at(7, new DarknetConv(c512, c1024, 3, 2));
        stage32 = model.at(8, new CspStage(c1024, c1024, config.depth(3), true));
        pyramid = model.at(9, new FastPyramidPool(c1024, c1024));
        narrow32 = model.at(10, new DarknetConv(c1024, c512, 1, 1));
        up16 = model.at(13, new CspStage(2 * c512, c512, config.depth(3), false));
        narrow16 = model.at(14, new DarknetConv(c512, c256, 1, 1));
        out8 = model.at(17, new CspStage(2 * c256, c256, config.depth(3), false));
        back16 = model.at(18, new DarknetConv(c256, c256, 3, 2));
        out16 = model.at(20, new CspStage(2 * c256, c512, config.depth(3), false));
        back32 = model.at(21, new DarknetConv(c512, c512, 3, 2));
        out32 = model.at(23, new CspStage(2 * c512, c1024, config.depth(3), false));
        detect = model.at(24, new YoloHead(config.classes, config.anchors, List.of(c256, c512, c1024)));
    }

    @Override
    YoloHead detect() {
        return detect;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray x = down4.forward(stem.forward(images, pass), pass); // (N, c128, H/4, W/4)
        x = down8.forward(stage4.forward(x, pass), pass); // (N, c256, H/8, W/8)
        NDArray map8 = stage8.forward(x, pass);
        NDArray map16 = stage16.forward(down16.forward(map8, pass), pass); // (N, c512, H/16, W/16)
        NDArray map32 = stage32.forward(down32.forward(map16, pass), pass); // (N, c1024, H/32, W/32)
        NDArray lateral32 = narrow32.forward(pyramid.forward(map32, pass), pass); // (N, c512, H/32, W/32)
        NDArray lateral16 =
                narrow16.forward(up16.forward(joinDoubled(lateral32, map16), pass), pass); // (N, c256, H/16, ..)
        NDArray fine = out8.forward(joinDoubled(lateral16, map8), pass); // (N, c256, H/8, W/8)
        NDArray middle = out16.forward(join(back16.forward(fine, pass), lateral16), pass); // (N, c512, H/16, W/16)
        NDArray coarse = out32.forward(join(back32.forward(middle, pass), lateral32), pass); // (N, c1024, H/32, W/32)
        return detect.forward(new NDList(fine, middle, coarse), pass); // (N, 3, H/s, W/s, 5 + K) each
    }
}
