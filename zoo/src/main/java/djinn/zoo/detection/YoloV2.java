package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.BoxSelection;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * YOLOv2: Darknet-19, whose last map is joined by the one before it, cut into four, and from each cell a box, objectness
 * and classes for five anchors.
 *
 * <p>Redmon and Farhadi 2017 (YOLO9000), table 6 and section 2; images (N, 3, H, W) in [0, 1], H and W multiples of 32, to
 * {@code head.0} (N, 5, H/32, W/32, 5 + K). Layers are numbered as in the author's {@code yolov2.cfg} and named as
 * in marvis' PyTorch port ({@code models.0.conv1.weight}). As in that description, 64 channels of a 1x1 convolution pass from
 * the finer map, where the paper's text passes all 512; the order of the four cells is the port's.
 */
public final class YoloV2 extends Yolo {

    private static final int STRIDE = 32;

    /** Section 2, "Dimension clusters": fitted to COCO, in the author's description; in cells there. */
    private static final YoloAnchors ANCHORS = new YoloAnchors(List.of(YoloAnchors.level(
            STRIDE, 18.32736, 21.67632, 59.98272, 66.00096, 106.82976, 175.17888, 252.25024, 112.88896, 312.65664,
            293.38528)));

    /** What the author measures average precision with. */
    private static final BoxSelection SELECTION = new BoxSelection(.005, 30_000, .45, 300);

    /** Stands for a pooling that halves. */
    private static final int HALF = 0;

    /** Table 6 up to stride 16: outputs of 3x3 convolutions, below zero of 1x1 ones. */
    private static final List<Integer> FINE =
            List.of(32, HALF, 64, HALF, 128, -64, 128, HALF, 256, -128, 256, HALF, 512, -256, 512, -256, 512);

    /** The rest of it without its classifier, and two convolutions more. */
    private static final List<Integer> COARSE = List.of(HALF, 1024, -512, 1024, -512, 1024, 1024, 1024);

    /**
     * What varies.
     *
     * @param classes K
     * @param anchors one level, of stride 32
     */
    public record Config(int classes, YoloAnchors anchors) {

        /** Checks the level. */
        public Config {
            anchors.requireStrides(STRIDE);
        }
    }

    /** The paper's network. */
    public static YoloV2 darknet19(int classes) {
        return new YoloV2(new Config(classes, ANCHORS));
    }

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "yolov2",
                416,
                80,
                "Redmon and Farhadi 2017, table 6",
                options -> new YoloV2(new Config(options.classes(), ANCHORS.sized(options.anchors()))),
                List.of(),
                false));
    }

    private final NumberedLayers models;
    private final List<ArrayBlock> fine;
    private final List<ArrayBlock> coarse;
    private final Sequential narrow;
    private final Sequential joined;
    private final Sequential told;
    private final DarknetBoxes boxes;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV2(Config config) {
        super(config.classes, config.anchors, SELECTION);
        boxes = new DarknetBoxes(config.classes, config.anchors, List.of(1.), true);
        models = child("models", new NumberedLayers());
        fine = layers(0, 1, 3, FINE);
        coarse = layers(17, 14, 512, COARSE);
        // numbers 25, 27 and 28 are of joining and cutting, which have no state
        narrow = models.at(26, unit(21, 512, -64));
        joined = models.at(29, unit(22, 4 * 64 + 1024, 1024));
        told = models.at(30, new Sequential(Map.of("conv23", new Conv2d(1024, boxes.terms(), Window.of(1)))));
    }

    /** Layers under the numbers from the first on; convolutions are counted besides. */
    private List<ArrayBlock> layers(int first, int firstConvolution, int in, List<Integer> outs) {
        List<ArrayBlock> layers = new ArrayList<>();
        int convolution = firstConvolution;
        int channels = in;
        for (int out : outs) {
            int number = first + layers.size();
            if (out == HALF) {
                layers.add(models.at(number, new MaxPool2d(Window.of(2).stride(2), false)));
            } else {
                layers.add(models.at(number, unit(convolution, channels, out)));
                convolution++;
                channels = Math.abs(out);
            }
        }
        return layers;
    }

    private static Sequential unit(int convolution, int in, int out) {
        int channels = Math.abs(out);
        Window window = out < 0 ? Window.of(1) : Window.of(3).padding(1);
        Map<String, ArrayBlock> layers = new LinkedHashMap<>();
        layers.put("conv" + convolution, new Conv2d(in, channels, window, 1, false));
        layers.put("bn" + convolution, new BatchNorm2d(channels));
        layers.put("leaky" + convolution, Nonlinearity.LEAKY_RELU_01.layer());
        return new Sequential(layers);
    }

    @Override
    YoloBoxes detect() {
        return boxes;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray map16 = run(fine, images, pass); // (N, 512, H/16, W/16)
        NDArray map32 = run(coarse, map16, pass); // (N, 1024, H/32, W/32)
        NDArray passed = quartered(narrow.forward(map16, pass)); // (N, 256, H/32, W/32)
        NDArray x = joined.forward(join(passed, map32), pass); // (N, 1024, H/32, W/32)
        return new NDList(boxes.head(told.forward(x, pass))); // (N, 5, H/32, W/32, 5 + K)
    }

    private static NDArray run(List<ArrayBlock> layers, NDArray x, Pass pass) {
        NDArray y = x;
        for (ArrayBlock layer : layers) {
            y = layer.forward(y, pass);
        }
        return y;
    }

    /**
     * Puts the four cells of each square of two by two behind each other (Redmon and Farhadi 2017, "Fine-grained
     * features"): (N, C, H, W) to (N, 4 C, H/2, W/2), the channels of the upper left cells first, then upper right, lower
     * left, lower right.
     */
    static NDArray quartered(NDArray x) {
        Shape shape = x.getShape();
        long channels = shape.get(1);
        long rows = shape.get(2) / 2;
        long columns = shape.get(3) / 2;
        return x.reshape(-1, channels, rows, 2, columns, 2)
                .transpose(0, 3, 5, 1, 2, 4) // (N, 2, 2, C, H/2, W/2)
                .reshape(-1, 4 * channels, rows, columns);
    }
}
