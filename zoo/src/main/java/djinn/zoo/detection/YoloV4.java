package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxSelection;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * YOLOv4: CSPDarknet-53 with Mish, spatial pyramid pooling on its coarsest map, and maps of strides 8, 16 and 32 that
 * exchange what they know on the way up and down again (PAN), each by joining where the paper's source adds.
 *
 * <p>Bochkovskiy et al. 2020, sections 3.4 and 4; images (N, 3, H, W) in [0, 1], H and W multiples of 32, to {@code head.0}
 * to {@code head.2} (N, 3, H/s, W/s, 5 + K). Layers as in the authors' {@code yolov4.cfg}; names equal Tianxiaomo's PyTorch
 * port ({@code down1.conv1.conv.0.weight}), whose arithmetic the record is of. Deviation: biases start where few objects are
 * expected, as YOLOv5's do.
 */
public final class YoloV4 extends Yolo {

    /** Of the authors' description, fitted to COCO. */
    private static final YoloAnchors ANCHORS = new YoloAnchors(List.of(
            YoloAnchors.level(8, 12, 16, 19, 36, 40, 28),
            YoloAnchors.level(16, 36, 75, 76, 55, 72, 146),
            YoloAnchors.level(32, 142, 110, 192, 243, 459, 401)));

    /** How far sigmoids of centres are stretched on the maps ({@code scale_x_y}). */
    private static final List<Double> STRETCHES = List.of(1.2, 1.1, 1.05);

    /** What the authors measure average precision with. */
    private static final BoxSelection SELECTION = new BoxSelection(.005, 30_000, .45, 300);

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
    public static YoloV4 cspDarknet53(int classes) {
        return new YoloV4(new Config(classes, ANCHORS));
    }

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "yolov4",
                608,
                80,
                "Bochkovskiy et al. 2020",
                options -> new YoloV4(new Config(options.classes(), ANCHORS.sized(options.anchors()))),
                List.of(new KeyMap("Tianxiaomo's first", List.of(KeyMap.rename("^neek\\.", "neck.")))),
                false));
    }

    private final DarknetBoxes boxes;
    private final First down1;
    private final Stage down2;
    private final Stage down3;
    private final Stage down4;
    private final Stage down5;
    private final Neck neck;
    private final Head head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public YoloV4(Config config) {
        super(config.classes, config.anchors, SELECTION);
        boxes = new DarknetBoxes(config.classes, config.anchors, STRETCHES, false);
        down1 = child("down1", new First());
        down2 = child("down2", new Stage(64, 64, 2));
        down3 = child("down3", new Stage(128, 128, 8));
        down4 = child("down4", new Stage(256, 256, 8));
        down5 = child("down5", new Stage(512, 512, 4));
        neck = child("neck", new Neck());
        head = child("head", new Head(boxes));
    }

    /** Returns how far the sigmoids of centres are stretched around their cell's middle, on each map, the finest first. */
    public List<Double> stretches() {
        return STRETCHES;
    }

    @Override
    YoloBoxes detect() {
        return boxes;
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        NDArray x = down2.forward(down1.forward(images, pass), pass); // (N, 128, H/4, W/4)
        NDArray map8 = down3.forward(x, pass); // (N, 256, H/8, W/8)
        NDArray map16 = down4.forward(map8, pass); // (N, 512, H/16, W/16)
        NDArray map32 = down5.forward(map16, pass); // (N, 1024, H/32, W/32)
        NDList heads = head.forward(neck.forward(new NDList(map8, map16, map32), pass), pass);
        return new NDList(heads.stream().map(boxes::head).toList()); // (N, 3, H/s, W/s, 5 + K) each
    }

    /** A convolution, a batch norm and a function, in a list as in the port. */
    private static final class Unit extends ArrayBlock {

        private final Sequential conv;

        Unit(int in, int out, int kernel, int stride, Nonlinearity function) {
            Window window = Window.of(kernel).stride(stride).padding(kernel / 2);
            conv = child(
                    "conv", Sequential.convNorm(new Conv2d(in, out, window, 1, false), new BatchNorm2d(out), function));
        }

        /** The last of a head: a 1x1 convolution with a bias alone. */
        Unit(int in, DarknetBoxes boxes, int level) {
            Conv2d last = new Conv2d(in, boxes.terms(), Window.of(1));
            int stride = boxes.shapes().levels().get(level).stride();
            last.getDirectParameters().get("bias").setInitializer(YoloHead.prior(in, stride, boxes.classes()));
            conv = child("conv", Sequential.of(last));
        }

        static Unit mish(int in, int out, int kernel) {
            return new Unit(in, out, kernel, 1, Nonlinearity.MISH);
        }

        static Unit leaky(int in, int out, int kernel) {
            return new Unit(in, out, kernel, 1, Nonlinearity.LEAKY_RELU_01);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return conv.forward(x, pass);
        }
    }

    /** (N, 3, H, W) to (N, 64, H/2, W/2): the first stage, whose parts are as wide as the whole. */
    private static final class First extends ArrayBlock {

        private final Unit conv1 = child("conv1", Unit.mish(3, 32, 3));
        private final Unit conv2 = child("conv2", new Unit(32, 64, 3, 2, Nonlinearity.MISH));
        private final Unit conv3 = child("conv3", Unit.mish(64, 64, 1));
        private final Unit conv4 = child("conv4", Unit.mish(64, 64, 1));
        private final Unit conv5 = child("conv5", Unit.mish(64, 32, 1));
        private final Unit conv6 = child("conv6", Unit.mish(32, 64, 3));
        private final Unit conv7 = child("conv7", Unit.mish(64, 64, 1));
        private final Unit conv8 = child("conv8", Unit.mish(128, 64, 1));

        @Override
        public NDArray forward(NDArray images, Pass pass) {
            NDArray x = conv2.forward(conv1.forward(images, pass), pass); // (N, 64, H/2, W/2)
            NDArray beside = conv3.forward(x, pass);
            NDArray worked = conv4.forward(x, pass);
            worked = worked.add(conv6.forward(conv5.forward(worked, pass), pass));
            return conv8.forward(join(conv7.forward(worked, pass), beside), pass);
        }
    }

    /** (N, in, H, W) to (N, 2 in, H/2, W/2): half of the channels run through residuals, half pass beside them. */
    private static final class Stage extends ArrayBlock {

        private final Unit conv1;
        private final Unit conv2;
        private final Unit conv3;
        private final Residuals resblock;
        private final Unit conv4;
        private final Unit conv5;

        Stage(int in, int half, int depth) {
            conv1 = child("conv1", new Unit(in, 2 * half, 3, 2, Nonlinearity.MISH));
            conv2 = child("conv2", Unit.mish(2 * half, half, 1));
            conv3 = child("conv3", Unit.mish(2 * half, half, 1));
            resblock = child("resblock", new Residuals(half, depth));
            conv4 = child("conv4", Unit.mish(half, half, 1));
            conv5 = child("conv5", Unit.mish(2 * half, 2 * half, 1));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = conv1.forward(x, pass); // (N, 2 in, H/2, W/2)
            NDArray beside = conv2.forward(y, pass); // (N, in, H/2, W/2)
            NDArray worked = conv4.forward(resblock.forward(conv3.forward(y, pass), pass), pass);
            return conv5.forward(join(worked, beside), pass); // (N, 2 in, H/2, W/2)
        }
    }

    /** A 1x1 and a 3x3 convolution, added to their input, several times; the shape stays. */
    private static final class Residuals extends ArrayBlock {

        private final LayerList<Sequential> pairs;

        Residuals(int channels, int depth) {
            pairs = child(
                    "module_list",
                    new LayerList<>(Stream.generate(() ->
                                    Sequential.of(Unit.mish(channels, channels, 1), Unit.mish(channels, channels, 3)))
                            .limit(depth)
                            .toList()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = x;
            for (Sequential pair : pairs) {
                y = y.add(pair.forward(y, pass));
            }
            return y;
        }
    }

    /** A part whose convolutions are numbered through. */
    private abstract static class Numbered extends NamedBlock {

        final <B extends ArrayBlock> B at(int number, B layer) {
            return child("conv" + number, layer);
        }

        /** Narrow 1x1 and twice as wide 3x3 convolutions in turns. */
        final List<Unit> turns(int first, int in, int narrow, int count) {
            List<Unit> units = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int from = i == 0 ? in : i % 2 == 0 ? 2 * narrow : narrow;
                units.add(at(first + i, i % 2 == 0 ? Unit.leaky(from, narrow, 1) : Unit.leaky(from, 2 * narrow, 3)));
            }
            return units;
        }

        static NDArray through(List<Unit> units, NDArray x, Pass pass) {
            NDArray y = x;
            for (Unit unit : units) {
                y = unit.forward(y, pass);
            }
            return y;
        }
    }

    /**
     * Pools the coarsest map and takes what it knows to the finer ones: maps of 256, 512 and 1024 channels become such of
     * 128, 256 and 512, the finest first.
     */
    private static final class Neck extends Numbered {

        private final List<Unit> before = turns(1, 1024, 512, 3);
        private final List<Unit> known32 = turns(4, 4 * 512, 512, 3);
        private final Unit narrow32 = at(7, Unit.leaky(512, 256, 1));
        private final Unit lateral16 = at(8, Unit.leaky(512, 256, 1));
        private final List<Unit> known16 = turns(9, 512, 256, 5);
        private final Unit narrow16 = at(14, Unit.leaky(256, 128, 1));
        private final Unit lateral8 = at(15, Unit.leaky(256, 128, 1));
        private final List<Unit> known8 = turns(16, 256, 128, 5);
        private final MaxPool2d over5 = around(5);
        private final MaxPool2d over9 = around(9);
        private final MaxPool2d over13 = around(13);

        private static MaxPool2d around(int kernel) {
            return new MaxPool2d(Window.of(kernel).padding(kernel / 2), false);
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            NDArray x = through(before, maps.get(2), pass); // (N, 512, H/32, W/32)
            NDList pooled = new NDList(over13.forward(x, pass), over9.forward(x, pass), over5.forward(x, pass), x);
            NDArray coarse = through(known32, NDArrays.concat(pooled, 1), pass); // (N, 512, H/32, W/32)
            x = doubled(narrow32.forward(coarse, pass)); // (N, 256, H/16, W/16)
            x = join(lateral16.forward(maps.get(1), pass), x); // (N, 512, H/16, W/16)
            NDArray middle = through(known16, x, pass); // (N, 256, H/16, W/16)
            x = doubled(narrow16.forward(middle, pass)); // (N, 128, H/8, W/8)
            x = join(lateral8.forward(maps.get(0), pass), x); // (N, 256, H/8, W/8)
            NDArray fine = through(known8, x, pass); // (N, 128, H/8, W/8)
            return new NDList(fine, middle, coarse);
        }
    }

    /** Takes what the finer maps know back to the coarser ones and tells of each, the finest first: (N, 3 (5 + K), h, w). */
    private static final class Head extends Numbered {

        private final Unit out8 = at(1, Unit.leaky(128, 256, 3));
        private final Unit told8;
        private final Unit back16;
        private final List<Unit> known16;
        private final Unit out16;
        private final Unit told16;
        private final Unit back32;
        private final List<Unit> known32;
        private final Unit out32;
        private final Unit told32;

        Head(DarknetBoxes boxes) {
            told8 = at(2, new Unit(256, boxes, 0));
            back16 = at(3, new Unit(128, 256, 3, 2, Nonlinearity.LEAKY_RELU_01));
            known16 = turns(4, 512, 256, 5);
            out16 = at(9, Unit.leaky(256, 512, 3));
            told16 = at(10, new Unit(512, boxes, 1));
            back32 = at(11, new Unit(256, 512, 3, 2, Nonlinearity.LEAKY_RELU_01));
            known32 = turns(12, 1024, 512, 5);
            out32 = at(17, Unit.leaky(512, 1024, 3));
            told32 = at(18, new Unit(1024, boxes, 2));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            NDArray fine = maps.get(0);
            NDArray middle = join(back16.forward(fine, pass), maps.get(1)); // (N, 512, H/16, W/16)
            middle = through(known16, middle, pass); // (N, 256, H/16, W/16)
            NDArray coarse = join(back32.forward(middle, pass), maps.get(2)); // (N, 1024, H/32, W/32)
            coarse = through(known32, coarse, pass); // (N, 512, H/32, W/32)
            return new NDList(
                    told8.forward(out8.forward(fine, pass), pass),
                    told16.forward(out16.forward(middle, pass), pass),
                    told32.forward(out32.forward(coarse, pass), pass));
        }
    }
}
