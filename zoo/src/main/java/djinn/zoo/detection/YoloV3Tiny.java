package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * YOLOv3's small sister: plain convolutions and poolings, and boxes from its maps of strides 16 and 32.
 *
 * <p>The {@code yolov3-tiny} that Redmon and Farhadi published beside YOLOv3 in 2018; images (N, 3, H, W) in [0, 1], H and
 * W multiples of 32. Names equal the public PyTorch checkpoints of ultralytics. Deviations, as there: SiLU in
 * place of leaky ReLU, boxes decoded as YOLOv5 does.
 */
public final class YoloV3Tiny extends Yolo {

    private static final YoloAnchors ANCHORS = new YoloAnchors(
            List.of(YoloAnchors.level(16, 10, 14, 23, 27, 37, 58), YoloAnchors.level(32, 81, 82, 135, 169, 344, 319)));

    /**
     * What varies.
     *
     * @param classes K
     * @param anchors two levels, of strides 16 and 32
     */
    public record Config(int classes, YoloAnchors anchors) {

        /** Checks the levels. */
        public Config {
            anchors.requireStrides(16, 32);
        }
    }

    /** The published network. */
    public static YoloV3Tiny of(int classes) {
        return new YoloV3Tiny(new Config(classes, ANCHORS));
    }

    static YoloV3Tiny of(DetectorOptions options) {
        return new YoloV3Tiny(new Config(options.classes(), ANCHORS.sized(options.anchors())));
    }

    private final DarknetConv conv1;
    private final DarknetConv conv2;
    private final DarknetConv conv4;
    private final DarknetConv conv8;
    private final DarknetConv conv16;
    private final DarknetConv conv32;
    private final DarknetConv widen32;
    private final DarknetConv known32;
    private final DarknetConv out32;
    private final DarknetConv narrow32;
    private final DarknetConv out16;
    private final YoloHead detect;
    private final MaxPool2d halving = new MaxPool2d(Window.of(2).stride(2), false);
    private final MaxPool2d keeping = new MaxPool2d(Window.of(2), false);

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV3Tiny(Config config) {
        super(config.classes, config.anchors);
        NumberedLayers model = child("model", new NumberedLayers());
        conv1 = model.at(0, new DarknetConv(3, 16, 3, 1));
        conv2 = model.at(2, new DarknetConv(16, 32, 3, 1));
        conv4 = model.at(4, new DarknetConv(32, 64, 3, 1));
        conv8 = model.at(6, new DarknetConv(64, 128, 3, 1));
        conv16 = model.at(8, new DarknetConv(128, 256, 3, 1));
        conv32 = model.at(10, new DarknetConv(256, 512, 3, 1));
        widen32 = model.at(13, new DarknetConv(512, 1024, 3, 1));
        known32 = model.at(14, new DarknetConv(1024, 256, 1, 1));
        out32 = model.at(15, new DarknetConv(256, 512, 3, 1));
        narrow32 = model.at(16, new DarknetConv(256, 128, 1, 1));
        out16 = model.at(19, new DarknetConv(128 + 256, 256, 3, 1));
        detect = model.at(20, new YoloHead(config.classes, config.anchors, List.of(256, 512)));
    }

    @Override
    YoloHead detect() {
        return detect;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray x = halving.forward(conv1.forward(images, pass), pass); // (N, 16, H/2, W/2)
        x = halving.forward(conv2.forward(x, pass), pass); // (N, 32, H/4, W/4)
        x = halving.forward(conv4.forward(x, pass), pass); // (N, 64, H/8, W/8)
        x = halving.forward(conv8.forward(x, pass), pass); // (N, 128, H/16, W/16)
        NDArray map16 = conv16.forward(x, pass); // (N, 256, H/16, W/16)
        x = conv32.forward(halving.forward(map16, pass), pass); // (N, 512, H/32, W/32)
        x = keeping.forward(withZeros(withZeros(x, 3), 2), pass); // zeros to the right and below keep H/32, W/32
        NDArray known = known32.forward(widen32.forward(x, pass), pass); // (N, 256, H/32, W/32)
        NDArray coarse = out32.forward(known, pass); // (N, 512, H/32, W/32)
        x = joinDoubled(narrow32.forward(known, pass), map16); // (N, 384, H/16, W/16)
        NDArray fine = out16.forward(x, pass); // (N, 256, H/16, W/16)
        return detect.forward(new NDList(fine, coarse), pass); // (N, 3, H/s, W/s, 5 + K) each
    }

    /**
     * Appends zeros along an axis. Not by a pad: ONNX Runtime's optimizer moves one into the pooling behind it, where it
     * is no longer of zeros.
     */
    private static NDArray withZeros(NDArray x, int axis) {
        NDArray first = x.get(new NDIndex(axis == 3 ? ":, :, :, 0:1" : ":, :, 0:1"));
        return x.concat(first.sub(first), axis);
    }
}
